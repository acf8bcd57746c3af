import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AttemptLease } from '../../src/activities/attempt-lease.ts';
import type { ActivityDependencies } from '../../src/activities/context.ts';
import type { EffectLedger, EffectRow, EffectStart } from '../../src/activities/ports.ts';
import { runTool, type ToolRun } from '../../src/activities/run-tool.ts';
import { openDatabase, type HoldpointDatabase } from '../../src/adapters/database/open-database.ts';
import { callKey } from '../../src/domain/call-key.ts';
import { mailTool } from '../support/tools.ts';

const key = callKey({ firstRunId: 'first-run', turn: 1, position: 0, callId: 'call_1' });
const windowMs = 10_000;

let database: HoldpointDatabase;
beforeEach(async () => {
  database = await openDatabase('sqlite::memory:');
});
afterEach(() => database.close());

/** Runs an `at-most-once` tool over the real ledger. `insert` stands in for the insert of its row. */
function attempt(
  insert: (row: EffectStart, effects: EffectLedger) => ReturnType<EffectLedger['start']>,
  earlier?: EffectRow,
) {
  const { tool, ran } = mailTool({ effect: 'at-most-once' });
  const cancelled = new AbortController();
  const effects: EffectLedger = { ...database.effects, start: (row) => insert(row, database.effects) };
  const run: ToolRun = {
    tool: tool as ToolRun['tool'],
    effect: 'at-most-once',
    args: { to: 'ana', count: 1 },
    facts: { run: { runId: 'run', assistant: 'comms', context: null }, context: null },
    callKey: key,
    request: null,
    decidedAt: null,
    requestsBefore: 0,
    row: earlier,
    retries: 0,
    lease: new AttemptLease(windowMs, cancelled.signal),
    output: (result) => ({ text: JSON.stringify(result) }),
  };
  const dependencies = { effects, worker: 'this worker', now: Date.now } as unknown as ActivityDependencies;
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  return { ran, cancelled, ended: environment.run(() => runTool(dependencies, run)) };
}

const byAnother = (row: EffectStart): EffectStart => ({ ...row, attemptId: 'another', worker: 'another worker' });

describe('runTool', () => {
  it('own row → the tool runs once, and the row has its result', async () => {
    const { ran, ended } = attempt((row, effects) => effects.start(row));
    expect(await ended).toMatchObject({ type: 'ended', row: { state: 'done', output: { text: '{"sent":1}' } } });
    expect(ran).toHaveLength(1);
  });

  it('row of another attempt → the tool does not start', async () => {
    const { ran, ended } = attempt(async (row, effects) => {
      await effects.start(byAnother(row));
      return await effects.start(row);
    });
    expect(await ended).toEqual({ type: 'taken' });
    expect(ran).toEqual([]);
  });

  it('reply lost, and the row is its own → the tool runs once', async () => {
    let inserts = 0;
    const { ran, ended } = attempt(async (row, effects) => {
      const outcome = await effects.start(row);
      if ((inserts += 1) === 1) throw new Error('connection lost');
      return outcome;
    });
    expect(await ended).toMatchObject({ type: 'ended' });
    expect(ran).toHaveLength(1);
  });

  it('reply lost, and the row is of another attempt → the tool does not start', async () => {
    let inserts = 0;
    const { ran, ended } = attempt(async (row, effects) => {
      if ((inserts += 1) === 1) {
        await effects.start(byAnother(row));
        throw new Error('connection lost');
      }
      return await effects.start(row);
    });
    expect(await ended).toEqual({ type: 'taken' });
    expect(ran).toEqual([]);
  });

  it('ten starts that did nothing → ToolKeepsFailing, the tool does not start', async () => {
    const earlier = { state: 'not-happened', start: 10 } as EffectRow;
    const { ran, ended } = attempt((row, effects) => effects.start(row), earlier);
    await expect(ended).rejects.toMatchObject({ type: 'ToolKeepsFailing' });
    expect(ran).toEqual([]);
  });

  it('lease lost while the row was written → the tool does not start, the row is released', async () => {
    const { ran, cancelled, ended } = attempt(async (row, effects) => {
      const outcome = await effects.start(row);
      cancelled.abort(new Error('another attempt may have begun'));
      return outcome;
    });
    await expect(ended).rejects.toThrow('another attempt may have begun');
    expect(ran).toEqual([]);
    expect(await database.effects.newest(key)).toBeUndefined();
  });
});
