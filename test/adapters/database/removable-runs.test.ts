import { expect, it } from 'vitest';
import { inline } from '../../../src/domain/payload.ts';
import { describeOnBothDatabases } from './databases.ts';

const at = 1_795_000_000_000;
const page = { last: undefined, limit: 10 };

describeOnBothDatabases('removable runs', (kind) => {
  async function opened(test: Parameters<typeof kind.emptyUrl>[0]) {
    const database = await kind.open(await kind.emptyUrl(test));
    const begin = (firstRunId: string, startedAt: number, customer = 'c_1') =>
      database.runRecords.begin({
        runId: `run-${firstRunId}`,
        firstRunId,
        assistant: 'comms',
        caller: null,
        summary: 'go',
        startedAt,
        context: { customer: { id: customer } },
      });
    const entry = (id: string, firstRunId: string, parent: string | null = null) =>
      database.transcripts.append({
        id,
        parent,
        runId: `run-${firstRunId}`,
        firstRunId,
        turn: 1,
        assistant: 'comms',
        surface: 'responses',
        state: {},
        sent: [],
        received: [],
        words: [],
      } as never);
    return { database, begin, entry, removable: database.removableRuns };
  }
  const idsOf = (runs: ReadonlyArray<{ firstRunId: string }>) => runs.map(({ firstRunId }) => firstRunId);

  it('quiet since → those that started and last acted before; pages go on after the last', async (test) => {
    const { database, begin, removable } = await opened(test);
    for (const [index, id] of ['a', 'b', 'c'].entries()) await begin(id, at + index);
    await database.runRecords.addCall({
      id: 'event',
      runId: 'run-b',
      firstRunId: 'b',
      callKey: 'b/1/0/call',
      at: at + 100,
      event: { type: 'settled', tool: 't', as: 'ran', output: inline('x'), obtainedAt: at } as never,
    });
    expect(idsOf(await removable.quietSince(at + 50, page))).toEqual(['a', 'c']);
    expect(idsOf(await removable.quietSince(at + 1, page))).toEqual(['a']);
    const [first] = await removable.quietSince(at + 50, { last: undefined, limit: 1 });
    expect(idsOf(await removable.quietSince(at + 50, { last: first, limit: 1 }))).toEqual(['c']);
    expect(idsOf(await removable.about({ name: 'customer.id', value: 'c_1' }, page))).toEqual(['a', 'b', 'c']);
  });

  it('continued runs → the whole family, through several runs', async (test) => {
    const { begin, entry, removable } = await opened(test);
    for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) await begin(id, at + index);
    await entry('a1', 'a');
    await entry('b1', 'b', 'a1');
    await entry('c1', 'c', 'b1');
    await entry('d1', 'd');
    expect(idsOf(await removable.continuing({ runId: 'run-a', firstRunId: 'a', startedAt: at })).toSorted()).toEqual([
      'b',
      'c',
    ]);
    expect(await removable.continuing({ runId: 'run-d', firstRunId: 'd', startedAt: at })).toEqual([]);
  });

  it('removal → rows of the run only; a value that another run uses stays', async (test) => {
    const { database, begin, entry, removable } = await opened(test);
    await begin('a', at);
    await begin('a0', at);
    await entry('a1', 'a');
    await entry('a01', 'a0');
    const own = await database.values.put('"own"', { runId: 'run-a', firstRunId: 'a' });
    const shared = await database.values.put('"shared"', { runId: 'run-a', firstRunId: 'a' });
    await database.values.put('"shared"', { runId: 'run-a0', firstRunId: 'a0' });
    for (const callKey of ['a/1/0/x', 'a0/1/0/x'])
      await database.requests.open({ callKey, number: 1, kind: 'call', request: {} as never, openedAt: at });

    expect(await removable.remove(['a'])).toMatchObject({
      holdpoint_runs: 1,
      holdpoint_transcripts: 1,
      holdpoint_requests: 1,
      holdpoint_values: 1,
    });
    expect(await database.transcripts.get('a1')).toBeUndefined();
    expect(await database.transcripts.get('a01')).toBeDefined();
    expect(await database.requests.list('a/1/0/x')).toEqual([]);
    expect(await database.requests.list('a0/1/0/x')).toHaveLength(1);
    expect(await database.values.get(own.digest, { runId: 'run-a', firstRunId: 'a' })).toBeUndefined();
    expect(await database.values.get(shared.digest, { runId: 'run-a0', firstRunId: 'a0' })).toBe('"shared"');
  });
});
