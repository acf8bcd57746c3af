import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EffectLedger, EffectRow } from '../../../src/activities/ports.ts';
import { describeOnBothDatabases } from './databases.ts';

/* The ledger against a model of one row: some order of concurrent steps must explain every result. */

type Step =
  | { type: 'start'; by: string }
  | { type: 'takeOver'; from: string; by: string }
  | { type: 'close'; text: string }
  | { type: 'refuse'; by: string }
  | { type: 'release'; by: string }
  | { type: 'notHappened'; by: string }
  | { type: 'doubt' };
type Row = { owner: string; attempts: number; doubted: boolean; end: string | null };
type Seen = string | boolean | Row | null;

const who = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('start' as const), by: who }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('takeOver' as const), from: who, by: who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('close' as const), text: fc.constantFrom('x', 'y', 'z') }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('release' as const), by: who }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('refuse' as const), by: who }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('notHappened' as const), by: who }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('doubt' as const) }) },
);
const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 });

/** The result of a step that runs alone, and the row after it. */
function inModel(row: Row | null, step: Step): { seen: Seen; row: Row | null } {
  const open = row !== null && row.end === null;
  switch (step.type) {
    case 'start':
      return row
        ? { seen: 'exists', row }
        : { seen: 'started', row: { owner: step.by, attempts: 1, doubted: false, end: null } };
    case 'refuse':
      return row
        ? { seen: 'exists', row }
        : { seen: 'refused', row: { owner: step.by, attempts: 0, doubted: false, end: 'refused' } };
    case 'takeOver':
      return open && row.owner === step.from
        ? { seen: true, row: { ...row, owner: step.by, attempts: row.attempts + 1 } }
        : { seen: false, row };
    case 'release':
      return open && row.owner === step.by && !row.doubted ? { seen: true, row: null } : { seen: false, row };
    case 'notHappened':
      return open && row.owner === step.by && !row.doubted
        ? { seen: true, row: { ...row, end: 'not-happened' } }
        : { seen: false, row };
    case 'doubt':
      return { seen: null, row: open ? { ...row, doubted: true } : row };
    case 'close':
      break;
  }
  if (row === null) return { seen: 'nothing to close', row };
  const closed = open ? { ...row, end: step.text } : row;
  return { seen: closed, row: closed };
}

async function inLedger(effects: EffectLedger, callKey: string, step: Step): Promise<Seen> {
  switch (step.type) {
    case 'start':
      return effects.start({
        callKey,
        start: 1,
        runId: 'r',
        tool: 't',
        effect: 'idempotent',
        argumentsDigest: 'd',
        requestsBefore: 3,
        request: null,
        attemptId: step.by,
        worker: 'w',
        at: 1,
      });
    case 'refuse':
      return effects.refuse(
        { callKey, start: 1, runId: 'r', tool: 't', attemptId: step.by, worker: 'w', at: 1 },
        { text: 'refused' },
      );
    case 'takeOver':
      return effects.takeOver(callKey, 1, step.from, { attemptId: step.by, worker: 'w', at: 2 });
    case 'release':
      return effects.release(callKey, 1, step.by);
    case 'notHappened':
      return effects.notHappened(callKey, 1, step.by, 3);
    case 'doubt':
      return effects.doubt(callKey, 1).then(() => null);
    case 'close':
      break;
  }
  return effects
    .close(callKey, 1, { state: 'done', output: { text: step.text }, at: 3 })
    .then(asModel, (error: unknown) => {
      if (String(error).includes('no row of its start')) return 'nothing to close';
      throw error;
    });
}

function asModel(row: EffectRow): Row {
  return {
    owner: row.attemptId,
    attempts: row.attempts,
    doubted: row.doubted,
    end: row.output?.text ?? (row.state === 'not-happened' ? 'not-happened' : null),
  };
}

/** True if some order of the steps gives the same results and the same row. */
function explained(row: Row | null, steps: Array<{ step: Step; seen: Seen }>, left: Row | null): boolean {
  if (steps.length === 0) return same(row, left);
  return steps.some(({ step, seen }, index) => {
    const alone = inModel(row, step);
    return same(alone.seen, seen) && explained(alone.row, steps.toSpliced(index, 1), left);
  });
}

const same = (one: Seen, other: Seen) => JSON.stringify(one) === JSON.stringify(other);

describeOnBothDatabases('effect ledger', (kind) => {
  it('random steps of several attempts → some order of them explains every result', async (test) => {
    const url = await kind.emptyUrl(test);
    const databases = await Promise.all([kind.open(url), kind.open(url), kind.open(url)]);
    let calls = 0;
    await fc.assert(
      fc.asyncProperty(rounds, async (rounds) => {
        const callKey = `run/1/${calls++}/call`;
        let row: Row | null = null;
        for (const steps of rounds) {
          const seen = await Promise.all(
            steps.map(async (step, index) => ({
              step,
              seen: await inLedger(databases[index % 3]!.effects, callKey, step),
            })),
          );
          const newest = await databases[0].effects.newest(callKey);
          const left = newest ? asModel(newest) : null;
          expect(
            explained(row, seen, left),
            `an order of ${JSON.stringify(seen)} that leads from ${JSON.stringify(row)} to ${JSON.stringify(left)}`,
          ).toBe(true);
          row = left;
        }
      }),
      { numRuns: 150 },
    );
  });
});
