import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createReviewerClient, type ReviewerDecision, type ReviewerApproval } from '@holdpoint/review-server/contract';
import { createClient, type Client } from '../src/client.ts';
import { environmentWithoutOurs, type Environment } from '../src/config/environment.ts';
import { startDevStack, type DevStack } from '../src/embedded/dev-stack.ts';
import { standInModel, type StandInModel } from './stand-in-model.ts';
import { startMailService, type MailService } from './mail-service.ts';

/** The demo's reviewer, signed in at the review server. */
type Reviewer = {
  read(id: string): Promise<ReviewerApproval>;
  decide(id: string, decision: ReviewerDecision): Promise<ReviewerApproval>;
};

/** The dev stack, the mail service, and signed-in clients of gateway and review server. */
export type Stage = {
  stack: DevStack;
  mail: MailService;
  model: StandInModel;
  client: Client;
  reviewer: Reviewer;
  killWorker(): Promise<{ pid: number; back: Promise<number> }>;
  stop(): Promise<void>;
};

export type StageOptions = {
  /** OpenAI's API for the assistant. */
  api: 'responses' | 'assistants';
  /** State, keys and logs go there. */
  folder: string;
  environment: Environment;
  /** Takes lines for the user. */
  log: (line: string) => void;
  /** Called as soon as there is something to stop. */
  onStop: (stop: () => Promise<void>) => void;
};

/** Starts all parts on free ports, with the example's config. @throws what `startDevStack` throws. */
export async function openStage({ api, folder, environment, log, onStop }: StageOptions): Promise<Stage> {
  // Keys and addresses of the shell would lead the demo to real services.
  const plain = environmentWithoutOurs(environment);
  const mail = await startMailService(folder, plain);
  onStop(() => mail.stop());
  const starting = startDevStack({
    configFile: fileURLToPath(
      new URL(
        api === 'assistants' ? './assistants.config.ts' : '../examples/email-blast/holdpoint.config.ts',
        import.meta.url,
      ),
    ),
    dataDir: folder,
    environment: { ...plain, MAIL_SERVICE_URL: mail.url },
    portBase: 0,
    watch: false,
    log,
  });
  const stop = async () => {
    // First, because a tool that waits for it would delay the worker's end.
    await mail.stop();
    // A starting stack is stopped once it is up, so that no process is left behind.
    await (await starting.catch(() => undefined))?.stop();
  };
  onStop(stop);
  const stack = await starting;
  const { url, reviewerToken } = stack.facts.reviewServer;
  const client = createReviewerClient({ url, token: reviewerToken as string });
  const reviewer: Reviewer = {
    read: (id) => client.call('GET /approvals/{id}', { path: { id } }),
    decide: (id, body) => client.call('POST /approvals/{id}/decide', { path: { id }, body }),
  };
  return {
    stack,
    mail,
    reviewer,
    stop,
    // The local processes share one generated key.
    model: standInModel(stack.facts.openai.baseURL, stack.facts.gateway.apiKey),
    client: createClient(stack.facts.gateway),
    killWorker: () => killWorker(stack),
  };
}

/** SIGKILL to the worker. Resolves when it is dead, with its process id; `back` when its successor is up. */
export async function killWorker({ worker }: DevStack): Promise<{ pid: number; back: Promise<number> }> {
  const { pid, events } = worker;
  if (pid === undefined) throw new Error('There is no worker to kill: it is down already.');
  const down = once(events, 'down', { signal: AbortSignal.timeout(10_000) });
  const back = once(events, 'up', { signal: AbortSignal.timeout(60_000) }).then(([successor]) => successor as number);
  back.catch(() => undefined);
  worker.kill('SIGKILL');
  const [how] = (await down) as [string];
  if (how !== 'SIGKILL') throw new Error(`The worker exited before it was killed (${how}).`);
  return { pid, back };
}

/** Polls `look` until it returns a value. @throws Error naming `what` after `withinMs`. */
export async function seen<T>(what: string, look: () => Promise<T | undefined>, withinMs = 60_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${withinMs / 1000} s.`);
    await sleep(25);
  }
}
