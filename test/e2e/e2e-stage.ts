import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import type { MailEntry } from '../../demo/mail-service.ts';
import { openStage, type Stage } from '../../demo/stage.ts';
import type { StartedRun } from '../../src/client.ts';
import { processEnvironment } from '../../src/config/environment.ts';
import { RESERVED_DETAILS_KEY } from '@holdpoint/cheqpoint/wire';
import { createReviewerClient, type ReviewerApproval } from '@holdpoint/review-server/contract';
import { until } from '../support/until.ts';

/** Every process of the product, with the e-mail example and its mail service. */
export type E2eStage = Stage & {
  folder: string;
  temporal: TemporalClient;
  /** Lines that the stack wrote for people. */
  lines: readonly string[];
  /** Starts a run of the guide's scenario. */
  ask(id: string, input?: string): Promise<StartedRun>;
  /** The request that a run waits for; waits until there is one. */
  held(run: StartedRun): Promise<ReviewerApproval>;
  /** Every request that the review server has got from a run. */
  requestsOf(run: StartedRun): Promise<ReviewerApproval[]>;
  /** The mail service's record of a call: attempts, and mail that went out. */
  mailsOf(callKey: string): Promise<{ requests: MailEntry[]; effects: MailEntry[] }>;
  /** The number of events in a run's history. */
  historyLength(run: StartedRun): Promise<number>;
  close(): Promise<void>;
};

/** The call that a request is about. */
export const callKeyOf = (approval: ReviewerApproval) =>
  (approval.details[RESERVED_DETAILS_KEY] as { callKey: string }).callKey;

export type E2eOptions = { prepare?: (folder: string) => void };

/** Starts all processes in a new folder. `prepare` may write files there before. */
export async function openE2eStage({ prepare = () => {} }: E2eOptions = {}): Promise<E2eStage> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-e2e-'));
  prepare(folder);
  const lines: string[] = [];
  let stop = async () => {};
  const stage = await openStage({
    api: 'responses',
    folder,
    environment: processEnvironment(),
    log: (line) => lines.push(line),
    onStop: (newer) => (stop = newer),
  }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const { facts } = stage.stack;
  const connection = await Connection.connect({ address: facts.temporal.address });
  const temporal = new TemporalClient({ connection, namespace: facts.temporal.namespace });
  const { url, reviewerToken } = facts.reviewServer;
  const reviewServer = createReviewerClient({ url, token: reviewerToken as string });
  const listed = async () => {
    const { approvals } = await reviewServer.call('GET /approvals', { query: { limit: 200 } });
    return Promise.all(approvals.map(({ id }) => stage.reviewer.read(id)));
  };
  const firstRunId = async (run: StartedRun) => (await temporal.workflow.getHandle(run.id).describe()).runId;
  return {
    ...stage,
    folder,
    temporal,
    lines,
    ask: (id, input = 'Tell all customers about the downtime.') =>
      stage.client.runs.create({ assistant: 'comms', input, context: { user: 'ana' }, id }),
    async held(run) {
      const id = await until(
        `${run.id} waits for a person`,
        async () => (await run.get()).detail?.calls.find(({ state }) => state === 'waiting')?.approval?.id ?? undefined,
        60_000,
      );
      return await stage.reviewer.read(id);
    },
    async requestsOf(run) {
      const prefix = `${await firstRunId(run)}/`;
      return (await listed()).filter((approval) => callKeyOf(approval).startsWith(prefix));
    },
    async mailsOf(callKey) {
      const entries = (await stage.mail.log()).filter(({ idempotencyKey }) => idempotencyKey === callKey);
      return {
        requests: entries.filter(({ type }) => type === 'request'),
        effects: entries.filter(({ type }) => type === 'effect'),
      };
    },
    historyLength: async (run) => (await temporal.workflow.getHandle(run.id).describe()).historyLength,
    async close() {
      await connection.close();
      await stop();
      // The guardians of killed servers may still be writing.
      for (let tries = 0; tries < 20; tries += 1) {
        try {
          return rmSync(folder, { recursive: true, force: true });
        } catch {
          await sleep(100);
        }
      }
    },
  };
}
