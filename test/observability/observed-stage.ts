import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sqliteUrl } from '@holdpoint/database/url';
import { startOpenAIStandIn, type Reply, type StandInControl } from '@holdpoint/openai-stand-in';
import {
  createReviewerClient,
  signInReviewer,
  type ReviewerClient,
  type ReviewerDecision,
} from '@holdpoint/review-server/contract';
import { freePort } from '../../src/embedded/free-port.ts';
import { createClient, type Client, type StartedRun } from '../../src/client.ts';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';
import { processFile, startNodeProcess } from '../../src/embedded/node-process.ts';
import { connectionKey } from '../support/keys.ts';
import { startTestTemporal } from '../support/temporal.ts';
import { until } from '../support/until.ts';

export type ProcessName = 'worker' | 'gateway' | 'review-server';

/** The three processes as an operator starts them, with metrics and a model that is the stand-in. */
export type ObservedStage = {
  /** Addresses, without a slash at the end. */
  urls: Record<ProcessName | 'temporal-metrics', string>;
  client: Client;
  reviewer: ReviewerClient;
  model: StandInControl;
  /** The lines of each process's log. */
  logs: Record<ProcessName, string[]>;
  folder: string;
  /** Starts a run whose model replies with these steps. */
  start(name: string, steps: Reply[], headers?: Record<string, string>): Promise<StartedRun>;
  /** The request that the run waits for. Waits until there is one. */
  held(run: StartedRun): Promise<string>;
  decide(approvalId: string, decision: ReviewerDecision): Promise<void>;
  stop(): Promise<void>;
};

const password = 'a good password';

/** Starts the processes on free ports. With `otlpUrl` they export traces to it, as docs/observability.md says. */
export async function startObservedStage({ otlpUrl }: { otlpUrl?: string } = {}): Promise<ObservedStage> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-observed-'));
  const endings: Array<() => Promise<unknown> | void> = [
    () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  ];
  const stop = async (): Promise<void> => {
    for (const ending of endings.splice(0).toReversed()) await ending();
  };
  const [secret, apiKey] = [0, 0].map(() => randomBytes(32).toString('hex')) as [string, string];
  const logs: ObservedStage['logs'] = { worker: [], gateway: [], 'review-server': [] };
  const start = async (name: ProcessName, environment: Record<string, string>): Promise<string> => {
    const started = await startNodeProcess({
      file: processFile(name),
      environment: {
        ...environmentWithoutOurs(processEnvironment()),
        ...(otlpUrl !== undefined && {
          NODE_OPTIONS: `--import=${pathToFileURL(fileURLToPath(new URL('./tracing.mjs', import.meta.url))).href}`,
          OTEL_SERVICE_NAME: `holdpoint-${name}`,
          OTEL_EXPORTER_OTLP_ENDPOINT: otlpUrl,
          OTEL_BSP_SCHEDULE_DELAY: '200',
        }),
        ...environment,
      },
      onLine: (line) => logs[name].push(line),
      stopWithinMs: 10_000,
    });
    endings.push(() => started.stop());
    return String(started.ready['url']);
  };
  try {
    const standIn = await startOpenAIStandIn({ background: { pollsUntilFinished: 1 } });
    endings.push(() => standIn.close());
    const { address, namespace } = await startTestTemporal();
    const reviewUrl = await start('review-server', {
      HOLDPOINT_REVIEW_LISTEN: '127.0.0.1:0',
      HOLDPOINT_REVIEW_DATABASE_URL: sqliteUrl(join(folder, 'review.db')),
      HOLDPOINT_REVIEW_CONNECTION_KEYS: `observed=${connectionKey}`,
      HOLDPOINT_REVIEW_SESSION_SECRET: secret,
      HOLDPOINT_REVIEW_CALLBACK_HOSTS: 'any',
      HOLDPOINT_REVIEWER_NAME: 'rita',
      HOLDPOINT_REVIEWER_PASSWORD: password,
    });
    const shared = {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      // Ignores the user's Temporal config file.
      TEMPORAL_CONFIG_FILE: join(folder, 'no-temporal.toml'),
      HOLDPOINT_TASK_QUEUE: `observed-${randomUUID()}`,
      HOLDPOINT_DATABASE_URL: sqliteUrl(join(folder, 'holdpoint.db')),
      HOLDPOINT_SECRET: secret,
      CHEQPOINT_BASE_URL: reviewUrl,
      CHEQPOINT_CONNECTION_KEY: connectionKey,
    };
    const gatewayUrl = await start('gateway', {
      ...shared,
      HOLDPOINT_API_KEY: apiKey,
      HOLDPOINT_GATEWAY_LISTEN: '127.0.0.1:0',
    });
    const metricsPort = await freePort();
    const workerUrl = await start('worker', {
      ...shared,
      HOLDPOINT_CONFIG: fileURLToPath(new URL('./observed.config.ts', import.meta.url)),
      HOLDPOINT_PUBLIC_URL: gatewayUrl,
      HOLDPOINT_WORKER_LISTEN: '127.0.0.1:0',
      HOLDPOINT_METRICS_LISTEN: `127.0.0.1:${metricsPort}`,
      OPENAI_API_KEY: 'sk-observed',
      OPENAI_BASE_URL: standIn.url,
    });
    const { token } = await signInReviewer(reviewUrl, 'rita', password);
    const client = createClient({ url: gatewayUrl, apiKey });
    const reviewer = createReviewerClient({ url: reviewUrl, token });
    return {
      urls: {
        worker: workerUrl,
        gateway: gatewayUrl,
        'review-server': reviewUrl,
        'temporal-metrics': `http://127.0.0.1:${metricsPort}`,
      },
      client,
      reviewer,
      model: standIn.control,
      logs,
      folder,
      async start(name, steps, headers = {}) {
        const input = `Do it: ${name}, ${randomUUID()}`;
        standIn.control.script({ when: input, steps });
        const caller = createClient({
          url: gatewayUrl,
          apiKey,
          fetch(url, init) {
            const all = new Headers(init?.headers);
            for (const [header, value] of Object.entries(headers)) all.set(header, value);
            return fetch(url, { ...init, headers: all });
          },
        });
        return await caller.runs.create({
          id: `${name}-${randomUUID()}`,
          assistant: 'mailer',
          input,
          context: { user: 'ana' },
        });
      },
      held: (run) =>
        until(
          `${run.id} waits for a person`,
          async () =>
            (await run.get()).detail?.calls.find(({ state }) => state === 'waiting')?.approval?.id ?? undefined,
          60_000,
        ),
      async decide(id, decision) {
        await reviewer.call('POST /approvals/{id}/decide', { path: { id }, body: decision });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
