import { expect, it } from 'vitest';
import type { CallRecord, RunBegin, TurnRecord } from '../../../src/domain/run-record.ts';
import { inline } from '../../../src/domain/payload.ts';
import { describeOnBothDatabases } from './databases.ts';

const at = 1_795_000_000_000;
const strange = '"\u0000 \ud83d\ude00 \ud83d \u2028 \\ \' é';

function begin(firstRunId: string, more: Partial<RunBegin> = {}): RunBegin {
  return {
    runId: `run of ${firstRunId}`,
    firstRunId,
    assistant: 'comms',
    caller: 'billing',
    summary: strange,
    startedAt: at,
    context: { user: 'ana', customer: { id: 17 }, [strange]: strange },
    ...more,
  };
}

function turn(number: number, more: Partial<TurnRecord> = {}): TurnRecord {
  return {
    id: `entry-${number}`,
    runId: 'run',
    firstRunId: 'f',
    turn: number,
    attempt: 1,
    assistant: 'comms',
    api: 'responses',
    model: strange,
    startedAt: at,
    endedAt: at + number,
    usage: { input: 10, cachedInput: null, output: 0, reasoning: 3_000_000_000 },
    cost: { pico: 9_007_199_254_740_993n, currency: 'USD' },
    outcome: {
      type: 'calls',
      calls: [{ callId: 'a/b', tool: 'send', arguments: inline({ z: strange }), plan: { type: 'review' } }],
    },
    ...more,
  };
}

const call: CallRecord = {
  id: 'event-1',
  runId: 'run',
  firstRunId: 'f',
  callKey: 'f/2/0/a%2Fb',
  at,
  event: { type: 'settled', tool: 'send', as: 'ran', output: inline(strange), obtainedAt: at },
};

describeOnBothDatabases('run records', (kind) => {
  it('turns and calls → read by run, the newest turns, with the number of those before', async (test) => {
    const { runRecords, recordedRuns, transcripts } = await kind.open(await kind.emptyUrl(test));
    const shared = { parent: null, runId: 'run', assistant: 'comms', surface: 'responses' as const, words: null };
    for (const number of [1, 2, 3]) {
      await transcripts.append({
        ...shared,
        id: `entry-${number}`,
        firstRunId: 'f',
        turn: number,
        state: {},
        sent: [number],
        received: [],
      });
      await runRecords.addTurn(turn(number));
      await runRecords.addTurn(turn(number, { model: 'another' }));
    }
    await runRecords.addTurn(turn(9, { id: 'other', firstRunId: 'another run' }));
    await runRecords.addCall(call);
    const rows = await recordedRuns.read('f', { limit: 1, before: 3 });
    expect(rows).toMatchObject({ numbers: [2], earlierTurns: 1, calls: [call], requests: [], starts: [] });
    expect(rows.turns).toEqual([turn(2, { model: strange.toWellFormed().replaceAll('\0', '\uFFFD') })]);
    expect(rows.transcripts.map(({ sent }) => sent)).toEqual([[2], [3]]);
    expect((await recordedRuns.read('f', { limit: 50 })).numbers).toEqual([1, 2, 3]);
    expect((await recordedRuns.read('none', { limit: 50 })).numbers).toEqual([]);
  });

  it('turn without reported tokens → null, not 0', async (test) => {
    const { runRecords, recordedRuns } = await kind.open(await kind.emptyUrl(test));
    await runRecords.addTurn(turn(1, { usage: null }));
    expect((await recordedRuns.read('f', { limit: 50 })).turns[0]?.usage).toBeNull();
  });

  it('run begun twice → its first row stays', async (test) => {
    const { runRecords, recordedRuns } = await kind.open(await kind.emptyUrl(test));
    await Promise.all([runRecords.begin(begin('f')), runRecords.begin(begin('f'))]);
    await runRecords.begin(begin('f', { caller: 'another' }));
    const page = await recordedRuns.find({ context: [{ name: 'user', value: 'ana' }], after: null, limit: 10 });
    expect(page).toEqual([{ runId: 'run of f', firstRunId: 'f', startedAt: at }]);
  });

  it('find → by context fields, text, caller and time, newest first, after a position', async (test) => {
    const { runRecords, recordedRuns } = await kind.open(await kind.emptyUrl(test));
    await runRecords.begin(begin('a', { startedAt: at, summary: 'Refund 100% now' }));
    await runRecords.begin(begin('b', { startedAt: at + 1, context: { user: 'ana' }, summary: 'refund_later' }));
    await runRecords.begin(begin('c', { startedAt: at + 1, context: { user: 'bea', n: 17 }, caller: null }));
    const find = async (query: Partial<Parameters<typeof recordedRuns.find>[0]>) =>
      (await recordedRuns.find({ context: [], after: null, limit: 10, ...query })).map(({ firstRunId }) => firstRunId);
    expect(await find({})).toEqual(['c', 'b', 'a']);
    expect(await find({ context: [{ name: 'user', value: 'ana' }] })).toEqual(['b', 'a']);
    expect(
      await find({
        context: [
          { name: 'user', value: 'ana' },
          { name: 'customer.id', value: '17' },
        ],
      }),
    ).toEqual(['a']);
    expect(await find({ text: '100%' })).toEqual(['a']);
    expect(await find({ text: 'REFUND' })).toEqual(['b', 'a']);
    expect(await find({ text: 'run of c' })).toEqual(['c']);
    expect(await find({ text: 'bea' })).toEqual(['c']);
    expect(await find({ text: 'refund_' })).toEqual(['b']);
    expect(await find({ caller: 'billing' })).toEqual(['b', 'a']);
    expect(await find({ since: at + 1 })).toEqual(['c', 'b']);
    expect(await find({ until: at + 1 })).toEqual(['a']);
    expect(await find({ limit: 1 })).toEqual(['c']);
    expect(await find({ after: { startedAt: at + 1, firstRunId: 'c' } })).toEqual(['b', 'a']);
    expect(await find({ after: { startedAt: at + 1, firstRunId: 'b' } })).toEqual(['a']);
  });

  it('usage → exact sums by group and by run; unknown numbers are counted, not summed', async (test) => {
    const { runRecords, recordedRuns } = await kind.open(await kind.emptyUrl(test));
    await runRecords.begin(begin('f'));
    await runRecords.begin(begin('g', { caller: null }));
    const cost = { pico: 9_007_199_254_740_993n, currency: 'USD' };
    const usage = { input: 10, cachedInput: null, output: 2, reasoning: 1 };
    await runRecords.addTurn(turn(1, { usage, cost, model: 'm' }));
    await runRecords.addTurn(turn(2, { usage: { ...usage, cachedInput: 4 }, cost, model: 'm' }));
    await runRecords.addTurn(turn(3, { usage: null, cost: null, model: 'm' }));
    const other = { id: 'g1', firstRunId: 'g', runId: 'run', assistant: 'other', model: null };
    await runRecords.addTurn(turn(1, { ...other, usage, cost: { pico: 1n, currency: 'EUR' }, endedAt: at + 100 }));
    const ofF = {
      turns: 3,
      turnsWithoutTokens: 1,
      input: 20,
      cachedInput: 4,
      output: 4,
      reasoning: 2,
      costs: [{ pico: 18_014_398_509_481_986n, currency: 'USD' }],
      turnsWithoutCost: 1,
    };
    expect(await recordedRuns.usageOf('f')).toEqual(ofF);
    expect(await recordedRuns.usageOf('none')).toMatchObject({ turns: 0, input: null, costs: [] });
    const { total, groups, moreGroups } = await recordedRuns.usage({ by: 'assistant', limit: 1 });
    expect(groups).toEqual([{ name: 'comms', usage: ofF }]);
    expect([moreGroups, total.turns, total.input]).toEqual([1, 4, 30]);
    expect(total.costs).toEqual([
      { pico: 1n, currency: 'EUR' },
      { pico: 18_014_398_509_481_986n, currency: 'USD' },
    ]);
    const names = async (query: Omit<Parameters<typeof recordedRuns.usage>[0], 'limit'>) =>
      (await recordedRuns.usage({ ...query, limit: 10 })).groups.map(({ name }) => name);
    expect(await names({ by: 'caller' })).toEqual(['billing', null]);
    expect(await names({ by: 'model' })).toEqual(['m', null]);
    expect(await names({ by: 'run', caller: 'billing' })).toEqual(['run of f']);
    expect(await names({ by: 'run', since: at + 50 })).toEqual(['run of g']);
    expect(await names({ by: 'run', until: at + 50, assistant: 'comms' })).toEqual(['run of f']);
  });
});
