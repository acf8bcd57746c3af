import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import type { WaitingRun } from '../../src/activities/ports.ts';
import { type ReviewAnswer, ReviewFailure, type ReviewService } from '@holdpoint/cheqpoint';
import { createReconcile } from '../../src/activities/reconcile.ts';
import type { ReconcileInput, ReconcileResult } from '../../src/domain/reconcile.ts';
import { defineAssistant, defineConfig } from '../../src/index.ts';

const minute = 60_000;
const now = 1_800_000_000_000;

/**
 * Two assistants: the service of `steady` has decided everything, that of `shaky` behaves as configured. Every run
 * waits for two minutes.
 */
function twoServices(shaky: () => Promise<ReviewAnswer>, runs: { steady: number; shaky: number }) {
  const asked = { steady: 0, shaky: 0 };
  const told: string[] = [];
  const serviceOf = (name: 'steady' | 'shaky', read: () => Promise<ReviewAnswer>): ReviewService => ({
    capabilities: async () => ({ idempotency: true, withdraw: true, pause: true }),
    paused: async () => null,
    decisions: async () => ({ type: 'no-feed' }),
    openQuestions: async () => ({ questions: [], cursor: null }),
    answerQuestion: () => Promise.reject(new Error('nothing is answered here')),
    readRecord: () => Promise.reject(new Error('nothing is read here')),
    read: () => {
      asked[name] += 1;
      return read();
    },
    request: () => Promise.reject(new Error('nothing is requested here')),
    close: () => Promise.reject(new Error('nothing is closed here')),
  });
  const services = {
    steady: serviceOf('steady', async () => ({ status: 'approved' }) as ReviewAnswer),
    shaky: serviceOf('shaky', shaky),
  };
  const waiting: WaitingRun[] = (['shaky', 'steady'] as const).flatMap((assistant) =>
    Array.from({ length: runs[assistant] }, (_, index) => ({
      workflowId: `${assistant}-${index}`,
      runId: `${assistant}-${index}-run`,
      assistant,
      approvalIds: [`req_${assistant}_${index}`],
      waitingSince: now - 2 * minute,
    })),
  );
  const dependencies = {
    config: defineConfig({
      assistants: ['steady', 'shaky'].map((name) => defineAssistant({ name, model: 'none', tools: [] })),
    }),
    review: ({ name }: { name: string }) => services[name as 'steady'],
    waitingRuns: {
      waiting: async ({ after, until }: { after: number | null; until: number }) =>
        waiting.filter(({ waitingSince }) => (after === null || waitingSince > after) && waitingSince <= until),
      oldest: async () => ({ runs: [], last: true }),
      waitingFor: async () => [],
      closedWaiting: async () => [],
      signalDecided: async (workflowId: string) => void told.push(workflowId),
    },
  };
  const look = (input: Partial<ReconcileInput>, at = now) =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run<
      [ReconcileInput],
      ReconcileResult,
      (input: ReconcileInput) => Promise<ReconcileResult>
    >(createReconcile({ ...dependencies, now: () => at } as unknown as ActivityDependencies), {
      since: at - minute,
      everything: false,
      ...input,
    });
  return { look, asked, told };
}

const away = () => Promise.reject(new ReviewFailure('unavailable', 'away', { sent: false }));
const revoked = () => Promise.reject(new ReviewFailure('access-denied', 'revoked', { sent: false }));

describe('reconcile', () => {
  it.each([
    ['does not answer', away],
    ['refuses its key', revoked],
  ])('asks a service that %s three times, and all others', async (_what, shaky) => {
    const { look, asked, told } = twoServices(shaky, { shaky: 6, steady: 2 });
    const result = await look({});
    expect(asked).toEqual({ shaky: 3, steady: 2 });
    expect(told).toEqual(['steady-0', 'steady-1']);
    expect(result).toMatchObject({ lookedUntil: now, behind: { shaky: now - minute } });
  });

  it('a service failed → only its approvals are checked back in time', async () => {
    const { look, asked } = twoServices(async () => ({ status: 'pending' }) as ReviewAnswer, { shaky: 2, steady: 2 });
    const later = now + 2 * minute;
    expect((await look({ since: later - minute, behind: { shaky: now - minute } }, later)).behind).toBeUndefined();
    expect(asked).toEqual({ shaky: 2, steady: 0 });
  });

  it('a request that can never be read → the others are checked', async () => {
    let first = true;
    const { look, asked, told } = twoServices(
      async () => {
        if (first) {
          first = false;
          throw new ReviewFailure('refused', 'no id', { sent: false });
        }
        return { status: 'approved' } as ReviewAnswer;
      },
      { shaky: 2, steady: 1 },
    );
    await look({});
    expect(asked).toEqual({ shaky: 2, steady: 1 });
    expect(told.toSorted()).toEqual(['shaky-1', 'steady-0']);
  });
});
