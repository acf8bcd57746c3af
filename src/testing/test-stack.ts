import { randomBytes, randomUUID } from 'node:crypto';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import { createReviewService } from '@holdpoint/cheqpoint';
import { startOpenAIStandIn, type StandInControl } from '@holdpoint/openai-stand-in';
import { serveHttp } from '@holdpoint/process';
import { createReviewServer } from '@holdpoint/review-server';
import { signInReviewer, type ReviewerClient } from '@holdpoint/review-server/contract';
import type { WorkerDependencies } from '../activities/context.ts';
import { openDatabase } from '../adapters/database/open-database.ts';
import { createSurfaces } from '../adapters/openai/surfaces.ts';
import { createDataConverter } from '../adapters/temporal/data-converter.ts';
import { createRuns } from '../adapters/temporal/create-runs.ts';
import { createTemporalRuns } from '../adapters/temporal/temporal-runs.ts';
import { createWaitingRuns } from '../adapters/temporal/waiting-runs.ts';
import type { HoldpointConfig } from '../assistant/assistant.ts';
import { hasBrand } from '../assistant/brand.ts';
import type { Duration, Tool } from '../assistant/tool.ts';
import { createClient, type Client, type StartedRun } from '../client.ts';
import { createGateway } from '../gateway/app.ts';
import { durationMs } from '../schemas/duration.ts';
import type { PayloadEncryption } from '../schemas/payload-keys.ts';
import { createCallbackTokens } from '../signing/callback-token.ts';
import { Envelopes } from '../signing/envelope.ts';
import { startMortalWorker, type MortalWorker } from './mortal-worker.ts';
import { quietRuntime } from './quiet-runtime.ts';
import { recordEffects, type EffectExpectation, type RecordedEffect } from './recorded-effects.ts';
import { runStates } from './run-states.ts';
import { createTestModel, type TestModel } from './test-model.ts';
import { createTestReviewer, type TestReviewer } from './test-reviewer.ts';
import { sharedTemporal } from './test-temporal.ts';
import { verifiedRun } from './verified-run.ts';

export type TestStackOptions = {
  /** The result of `defineConfig`. Its Connection Keys and Task Queue are not used. */
  config: HoldpointConfig;
  /**
   * Reviewers by name, with the groups that `review.by` names: `{ rita: ['finance'], lea: ['legal'] }`.
   * @default none but `reviewer`
   */
  people?: Readonly<Record<string, readonly string[]>>;
  /** Longest wait for a request, in milliseconds. @default 10_000 */
  patienceMs?: number;
  /** Encrypts what Temporal stores, as HOLDPOINT_PAYLOAD_KEYS does. @default values are stored in clear */
  encryption?: PayloadEncryption;
};

/** The `input`, and what else `client.runs.create` takes. */
export type StartRun = Omit<Parameters<Client['runs']['create']>[0], 'input' | 'assistant'> & {
  /** Needed if the config has several. */
  assistant?: string;
};

/** A run that `start` started. `hasRandomId`: no id was given. */
export type TestRun = { id: string; input: string; hasRandomId: boolean };

/** The whole product in one process, with a scripted model and a scripted reviewer. */
export type TestStack = {
  model: TestModel;
  /** An administrator who may decide what is addressed to no group. */
  reviewer: TestReviewer;
  /** One of `people`. @throws TypeError for another name. */
  person(name: string): TestReviewer;
  /** A client of the stack's gateway, for standalone approvals, messages, lists and histories. */
  client: Client;
  /** The stand-in for the model, with its whole control: requests, scripts, clock. */
  standIn: StandInControl;
  /** Starts a run. Its model says what was written by `model` since the last start. Its `result` calls `verify`. */
  start(input: string, more?: StartRun): Promise<StartedRun>;
  /** The runs that `start` started, oldest first. */
  runs(): readonly TestRun[];
  /** Moves the clocks of review server, worker and model ahead. Requests that are due then expire. */
  skipTime(span: Duration): Promise<void>;
  /** Ends the worker as SIGKILL does, and starts another one. */
  crashWorker(): Promise<void>;
  /** The effects of a tool so far, of any arguments or of exactly these. */
  expectEffect<Args>(tool: Tool<Args> | string, args?: Args): EffectExpectation;
  /** Throws an AssertionError if a tool acted. */
  expectNoEffect(): void;
  effects(): readonly RecordedEffect[];
  /**
   * Throws if something happened that no test may pass with: a reviewed call acted without an approval, a run asked for
   * a turn that was not written, or a policy threw. Call it in `afterEach`, for what happens after the last expectation.
   * `run.result`, `expectEffect`, `expectNoEffect` and `close` call it.
   */
  verify(): void;
  /** Ends the stack, then verifies. */
  close(): Promise<void>;
};

const reviewerName = 'reviewer';

/**
 * Starts the whole product in this process: a real Temporal server (once a process), a worker with your tools, the
 * gateway, a review server and a stand-in for the model, on free ports, with databases in memory.
 * @example
 * const stack = await createTestStack({ config });
 * stack.model.calls(refund, { payment: 'p1', amount: 80 }).answers('Refunded.');
 * const run = await stack.start('Refund p1');
 * await stack.reviewer.approveNext();
 * expect(await run.result()).toBe('Refunded.');
 * stack.expectEffect(refund, { payment: 'p1', amount: 80 }).once();
 * await stack.close();
 * @throws TypeError for anything but a config of `defineConfig`.
 * @throws TemporalCliMissing where the Temporal program is missing and can't be fetched.
 */
export async function createTestStack({
  config,
  people = {},
  patienceMs = 10_000,
  encryption,
}: TestStackOptions): Promise<TestStack> {
  if (!hasBrand('config', config))
    throw new TypeError('createTestStack needs the result of defineConfig. Write { config: defineConfig({ … }) }.');
  quietRuntime();
  const endings: Array<() => unknown> = [];
  const end = async () => {
    for (const ending of endings.splice(0).toReversed()) await ending();
  };
  try {
    return await open();
  } catch (error) {
    await end();
    throw error;
  }

  async function open(): Promise<TestStack> {
    const temporal = await sharedTemporal();
    const { namespace } = temporal;
    const dataConverter = createDataConverter({ namespace, encryption });
    const connection = await Connection.connect({ address: temporal.address });
    endings.push(() => connection.close());
    const temporalClient = new TemporalClient({ connection, namespace, dataConverter });
    const taskQueue = `test-${randomUUID()}`;
    const problems: string[] = [];
    const problem = (sentence: string) => void problems.push(sentence);
    let aheadMs = 0;
    const now = () => Date.now() + aheadMs;

    const standIn = await startOpenAIStandIn({ background: { pollsUntilFinished: 1 } });
    endings.push(() => standIn.close());
    const database = await openDatabase('sqlite::memory:');
    endings.push(() => database.close());
    const [secret, connectionKey, password, apiKey] = [0, 0, 0, 0].map(() => randomBytes(24).toString('hex')) as [
      string,
      string,
      string,
      string,
    ];
    const reviewServer = await createReviewServer({
      databaseUrl: 'sqlite::memory:',
      connectionKeys: [
        { assistant: config.assistants.length === 1 ? config.assistants[0]!.name : 'test', key: connectionKey },
      ],
      reviewers: [
        { name: reviewerName, password, roles: ['reviewer', 'admin', 'auditor'] },
        ...Object.keys(people).map((name) => ({ name, password })),
      ],
      sessionSecret: secret,
      // A low cost: it lives as long as the test.
      passwordCost: { ln: 8, r: 8, p: 1 },
      port: 0,
      callbackHosts: 'any',
      clock: () => new Date(now()),
    });
    endings.push(() => reviewServer.close());
    const review = createReviewService({ baseUrl: reviewServer.url, connectionKey, now });
    const signIn = async () =>
      new Map(
        await Promise.all(
          [reviewerName, ...Object.keys(people)].map(
            async (name) => [name, (await signInReviewer(reviewServer.url, name, password)).client] as const,
          ),
        ),
      );
    let clients = await signIn();
    const clientOf = (name: string) => clients.get(name) as ReviewerClient;
    for (const [name, members] of Object.entries(membersByGroup(people)))
      await clientOf(reviewerName).call('POST /groups', { body: { name, members } });

    const recorded = recordEffects(config, {
      problem,
      async isApproved(callKey) {
        const ids = (await database.requests.list(callKey)).flatMap(({ id }) => id ?? []);
        const approvals = await Promise.all(
          ids.map((id) => clientOf(reviewerName).call('GET /approvals/{id}', { path: { id } })),
        );
        return approvals.some(({ status }) => status === 'APPROVED');
      },
    });
    const callbackTokens = createCallbackTokens({ namespace: temporal.namespace, secrets: [secret] });
    const envelopes = new Envelopes([secret]);
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const gateway = await serveHttp({
      fetch: createGateway({
        runs: createTemporalRuns({
          client: temporalClient,
          taskQueue,
          values: database.values,
          recorded: database.recordedRuns,
          openDecision: (text, firstRunId) => envelopes.openDecision(text, firstRunId),
        }),
        records: { review: () => review, openEnvelope: (details) => envelopes.open(details) },
        recorded: database.recordedRuns,
        operatorKeys: [apiKey],
        callbackTokens,
        log: quiet,
      }).fetch,
      host: '127.0.0.1',
      port: 0,
      setting: 'the gateway of the test stack',
      graceMs: 100,
    });
    endings.push(() => gateway.close());

    const dependencies: WorkerDependencies = {
      config: recorded.config,
      surface: createSurfaces({
        apiKey: 'sk-test',
        baseURL: standIn.url,
        transcripts: database.transcripts,
        now,
        log: quiet,
        pollIntervals: { firstMs: 2, longestMs: 20 },
      }),
      review: () => review,
      values: database.values,
      transcripts: database.transcripts,
      runRecords: database.runRecords,
      requests: database.requests,
      effects: database.effects,
      runs: createRuns(temporalClient),
      waitingRuns: createWaitingRuns(temporalClient, taskQueue),
      envelopes,
      callbackUrl: (request) => `${gateway.url}/callbacks/cheqpoint/${callbackTokens.make(request)}`,
      workflowUrl: () => undefined,
      worker: 'test',
      now,
    };
    const workers: MortalWorker[] = [];
    const startWorker = async () => {
      workers.push(await startMortalWorker({ temporal, taskQueue, dependencies, dataConverter }));
    };
    endings.push(() => Promise.all(workers.map((worker) => worker.stop())));
    await startWorker();

    const client = createClient({ url: gateway.url, apiKey });
    const started: TestRun[] = [];
    // Open runs of one stack would wait for ever.
    endings.push(() =>
      Promise.all(
        started.map(({ id }) =>
          temporalClient.workflow
            .getHandle(id)
            .terminate('The test stack was closed.')
            .catch(() => undefined),
        ),
      ),
    );
    const skipTime = async (ms: number) => {
      aheadMs += ms;
      standIn.control.advanceClock(ms);
      // The session may have ended meanwhile. A list closes the requests that are due.
      clients = await signIn();
      await clientOf(reviewerName).call('GET /approvals', { query: { box: 'all', status: 'pending', limit: 1 } });
    };
    const scripted = createTestModel(standIn.control, problem);
    const reviewers = new Map(
      [...clients.keys()].map((name) => [
        name,
        createTestReviewer({
          client: () => clientOf(name),
          patienceMs,
          problem,
          state: () => runStates(client, started),
          skipTo: (instant) => skipTime(Math.max(0, instant - now())),
        }),
      ]),
    );
    endings.push(() => Promise.all([...reviewers.values()].map((each) => each.stop())));

    const verify = () => {
      const found = problems.splice(0);
      if (found.length > 0) throw new Error(found.join('\n'));
    };
    return {
      model: scripted.model,
      reviewer: reviewers.get(reviewerName) as TestReviewer,
      person(name) {
        const found = reviewers.get(name);
        if (found === undefined)
          throw new TypeError(
            `The stack has no person "${name}". Write createTestStack({ people: { ${name}: ['…'] } }).`,
          );
        return found;
      },
      client,
      standIn: standIn.control,
      async start(input, { assistant: name, id: givenId, ...more } = {}) {
        const assistant = assistantNamed(config, name);
        const id = givenId ?? `run-${randomUUID()}`;
        scripted.give(id, assistant.api);
        started.push({ id, input, hasRandomId: givenId === undefined });
        return verifiedRun(await client.runs.create({ ...more, id, assistant: assistant.name, input }), verify);
      },
      runs: () => [...started],
      async skipTime(span) {
        const ms = durationMs(span);
        if (ms === undefined)
          throw new TypeError(`skipTime takes a span such as '3 days' or milliseconds, not ${JSON.stringify(span)}.`);
        await skipTime(ms);
      },
      async crashWorker() {
        workers.at(-1)?.crash();
        await startWorker();
      },
      expectEffect(tool, args) {
        verify();
        return recorded.expect(typeof tool === 'string' ? tool : tool.name, args);
      },
      expectNoEffect() {
        verify();
        recorded.expect().never();
      },
      effects: () => recorded.all(),
      verify,
      async close() {
        await end();
        verify();
      },
    };
  }
}

function membersByGroup(people: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const members: Record<string, string[]> = {};
  for (const [name, groups] of Object.entries(people)) for (const group of groups) (members[group] ??= []).push(name);
  return members;
}

function assistantNamed({ assistants }: HoldpointConfig, name: string | undefined) {
  const names = assistants.map((each) => each.name).join(', ');
  if (name === undefined && assistants.length !== 1)
    throw new TypeError(`The config has several assistants: ${names}. Write start(input, { assistant: '…' }).`);
  const found = name === undefined ? assistants[0] : assistants.find((each) => each.name === name);
  if (found === undefined) throw new TypeError(`The config has no assistant "${name}". It has: ${names}.`);
  return found;
}
