import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EffectStart, NewRequestRow, TranscriptEntry } from '../../../src/activities/ports.ts';
import type { ReviewAnswer, ReviewRequest } from '@holdpoint/cheqpoint';
import { openDatabase as openAnyDatabase } from '@holdpoint/database';
import { migrations } from '../../../src/adapters/database/migrations.ts';
import { openDatabase } from '../../../src/adapters/database/open-database.ts';
import type { Tables } from '../../../src/adapters/database/tables.ts';
import { describeOnBothDatabases } from './databases.ts';

const key = 'run/1/0/call';
const strange = '"\u0000 \ud83d\ude00 \ud83d \u2028 \\ \' é';

function entry(id: string, parent: string | null, more: Partial<TranscriptEntry> = {}): TranscriptEntry {
  return {
    id,
    parent,
    runId: 'r',
    firstRunId: 'f',
    turn: 1,
    assistant: 'comms',
    surface: 'responses',
    state: { responseId: 'resp_1' },
    sent: [{ text: 'hello' }],
    received: [],
    words: null,
    ...more,
  };
}

const asked: ReviewRequest = {
  action: 'send',
  summary: strange,
  details: { z: 1, a: strange },
  riskLevel: 'high',
  idempotencyKey: `${key}/1`,
};

function request(number: number, more: Partial<NewRequestRow> = {}): NewRequestRow {
  return { callKey: key, number, kind: 'call', request: asked, openedAt: 1_795_000_000_000, ...more };
}

function start(attemptId: string, more: Partial<EffectStart> = {}): EffectStart {
  return {
    callKey: key,
    start: 1,
    runId: 'r',
    tool: 'send',
    effect: 'at-most-once',
    argumentsDigest: 'd',
    requestsBefore: 3,
    request: { number: 1, id: 'req_1' },
    attemptId,
    worker: 'w',
    at: 1_795_000_000_000,
    ...more,
  };
}

const attempt = (attemptId: string) => ({ attemptId, worker: 'other', at: 1_795_000_000_500 });

const answer: ReviewAnswer = {
  id: null,
  status: 'approved',
  statusWord: 'approved',
  details: null,
  modifiedDetails: { to: strange },
  note: strange,
  reviewUrl: null,
  decidedAt: null,
  autoDecided: true,
  ruleName: 'small',
  reasonCode: 'rule',
  retryable: false,
};

describeOnBothDatabases('webhook hints', (kind) => {
  it('delivery → stored once, found by response, deleted after four days', async (test) => {
    const url = await kind.emptyUrl(test);
    const [gateway, worker] = [(await kind.open(url)).webhookHints, (await kind.open(url)).webhookHints];
    const at = 1_795_000_000_000;
    expect(await gateway.record({ webhookId: 'wh_1', responseId: 'resp_1', at })).toBe('recorded');
    expect(await gateway.record({ webhookId: 'wh_1', responseId: 'resp_1', at: at + 1 })).toBe('known');
    expect(await gateway.record({ webhookId: 'wh_2', responseId: 'resp_1', at: at + 2 })).toBe('recorded');
    expect(
      await worker.arrived(['resp_0', 'resp_1', ...Array.from({ length: 1200 }, (_, index) => `other_${index}`)]),
    ).toEqual(['resp_1']);
    expect(await worker.arrived([])).toEqual([]);
    await gateway.record({ webhookId: 'wh_3', responseId: 'resp_3', at: at + 4 * 24 * 60 * 60 * 1000 + 10 });
    expect(await worker.arrived(['resp_1', 'resp_3'])).toEqual(['resp_3']);
  });

  it('same delivery twice at once → recorded once', async (test) => {
    const url = await kind.emptyUrl(test);
    const [one, other] = [(await kind.open(url)).webhookHints, (await kind.open(url)).webhookHints];
    const delivery = { webhookId: 'wh_1', responseId: 'resp_1', at: 1_795_000_000_000 };
    expect((await Promise.all([one.record(delivery), other.record(delivery)])).toSorted()).toEqual([
      'known',
      'recorded',
    ]);
  });
});

const owner = { runId: 'run', firstRunId: 'first' };

describeOnBothDatabases('database', (kind) => {
  it('opened again → its values are there', async (test) => {
    const url = await kind.emptyUrl(test);
    const first = await openDatabase(url);
    const { digest } = await first.values.put('{"a":1}', owner);
    await first.close();
    expect(await (await kind.open(url)).values.get(digest, owner)).toBe('{"a":1}');
  });

  it('opened three times at once in one process → all share the values', async (test) => {
    const url = await kind.emptyUrl(test);
    const [one, two] = await Promise.all([kind.open(url), kind.open(url), kind.open(url)]);
    const { digest } = await one.values.put('1', owner);
    expect(await two.values.get(digest, owner)).toBe('1');
  });

  describe('values', () => {
    it.for([
      ['key order, spaces and numbers', '{ "b": 1.0, "a": 12345678901234567890, "10": 1e400, "b": 2 }'],
      ['every character', JSON.stringify(strange)],
      ['ten megabytes', JSON.stringify('é'.repeat(5 * 1024 * 1024))],
    ] as const)('%s → returned exactly as written', async ([, json], test) => {
      const { values } = await kind.open(await kind.emptyUrl(test));
      const stored = await values.put(json, owner);
      expect(stored).toEqual({
        digest: createHash('sha256').update(json).digest('hex'),
        bytes: Buffer.byteLength(json),
      });
      expect((await values.get(stored.digest, owner)) === json).toBe(true);
    });

    it('put twice at the same time → one digest', async (test) => {
      const url = await kind.emptyUrl(test);
      const databases = [await kind.open(url), await kind.open(url)];
      const stored = await Promise.all([...databases, ...databases].map(({ values }) => values.put('[1]', owner)));
      expect(new Set(stored.map(({ digest }) => digest)).size).toBe(1);
      expect(await databases[0]!.values.get(stored[0]!.digest, owner)).toBe('[1]');
    });

    it('put by one run → not there for another run, nor for another run of the same id', async (test) => {
      const { values } = await kind.open(await kind.emptyUrl(test));
      const { digest } = await values.put('"shared"', owner);
      expect(await values.get(digest, { runId: 'other', firstRunId: 'first' })).toBeUndefined();
      expect(await values.get(digest, { runId: 'run', firstRunId: 'second' })).toBeUndefined();
      await values.put('"shared"', { runId: 'other', firstRunId: 'third' });
      expect(await values.get(digest, { runId: 'other', firstRunId: 'third' })).toBe('"shared"');
      expect(await values.get(digest, owner)).toBe('"shared"');
    });

    it('put before the run starts → belongs to the first run of that id that reads it', async (test) => {
      const { values } = await kind.open(await kind.emptyUrl(test));
      const { digest } = await values.put('"early"', { runId: 'run', firstRunId: null });
      expect(await values.get(digest, { runId: 'other', firstRunId: 'first' })).toBeUndefined();
      const reads = await Promise.all(Array.from({ length: 5 }, () => values.get(digest, owner)));
      expect(new Set(reads)).toEqual(new Set(['"early"']));
      expect(await values.get(digest, { runId: 'run', firstRunId: 'second' })).toBeUndefined();
    });

    it('put by a release without owners, before or during the upgrade → there for every run', async (test) => {
      const url = await kind.emptyUrl(test);
      const put = async (released: typeof migrations, value: string) => {
        const { kysely } = await openAnyDatabase<Pick<Tables, 'holdpoint_values'>>({
          url,
          owner: 'An older',
          migrations: () => released,
          migrationTables: { migrations: 'holdpoint_migrations', lock: 'holdpoint_migration_lock' },
        });
        const digest = createHash('sha256').update(value).digest('hex');
        await kysely.insertInto('holdpoint_values').values({ digest, json: value }).execute();
        await kysely.destroy();
        return digest;
      };
      const older = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < '0003'));
      const before = await put(older, '"before"');
      const { values } = await kind.open(url);
      const during = await put(migrations, '"during"');
      for (const anyone of [owner, { runId: 'other', firstRunId: 'second' }]) {
        expect(await values.get(before, anyone)).toBe('"before"');
        expect(await values.get(during, anyone)).toBe('"during"');
      }
    });

    it('never put → undefined', async (test) => {
      const { values } = await kind.open(await kind.emptyUrl(test));
      expect(await values.get('0'.repeat(64), owner)).toBeUndefined();
    });
  });

  describe('transcripts', () => {
    it('branches → read returns the chain from the first entry to the given one', async (test) => {
      const { transcripts } = await kind.open(await kind.emptyUrl(test));
      const entries = [
        entry('a', null),
        entry('b', 'a', { turn: 2, words: strange }),
        entry('c', 'b', { received: [{ z: 1, a: strange }] }),
      ];
      for (const one of [...entries, entry('fork', 'a')]) await transcripts.append(one);
      expect(await transcripts.read('c')).toEqual(entries);
      expect(await transcripts.get('b')).toEqual(entries[1]);
      expect(JSON.stringify((await transcripts.get('c'))!.received)).toBe(JSON.stringify(entries[2]!.received));
    });

    it('thousand turns → read whole', async (test) => {
      const { transcripts } = await kind.open(await kind.emptyUrl(test));
      for (let turn = 0; turn < 1000; turn++)
        await transcripts.append(entry(`t${turn}`, turn === 0 ? null : `t${turn - 1}`, { turn }));
      expect((await transcripts.read('t999'))?.map(({ turn }) => turn)).toEqual(
        Array.from({ length: 1000 }, (_, turn) => turn),
      );
    });

    it.for([
      ['the entry', [], 'a'],
      ['an ancestor', [entry('c', 'b'), entry('b', 'a')], 'c'],
      ['the beginning, the parents forming a ring', [entry('c', 'b'), entry('b', 'c')], 'c'],
    ] as const)('%s missing → undefined', async ([, entries, id], test) => {
      const { transcripts } = await kind.open(await kind.emptyUrl(test));
      for (const one of entries) await transcripts.append(one);
      expect(await transcripts.read(id)).toBeUndefined();
    });

    it('same id again → accepted if the entry is equal, else an error', async (test) => {
      const { transcripts } = await kind.open(await kind.emptyUrl(test));
      const first = await transcripts.append(entry('a', null));
      expect(first.entry).toBe('a');
      expect(await transcripts.append(entry('a', null))).toEqual(first);
      await expect(transcripts.append(entry('a', null, { words: 'other' }))).rejects.toThrow(
        /entry a exists with other content/,
      );
      expect(await transcripts.get('a')).toEqual(entry('a', null));
    });

    it('entry of ten megabytes → read whole', async (test) => {
      const { transcripts } = await kind.open(await kind.emptyUrl(test));
      const { bytes } = await transcripts.append(entry('a', null, { sent: ['x'.repeat(10 * 1024 * 1024)] }));
      expect(bytes).toBeGreaterThan(10 * 1024 * 1024);
      expect((await transcripts.read('a'))?.[0]?.sent[0]).toHaveLength(10 * 1024 * 1024);
    });
  });

  describe('requests', () => {
    it('list → those of the call, oldest first', async (test) => {
      const { requests } = await kind.open(await kind.emptyUrl(test));
      for (const number of [2, 1, 10])
        await requests.open(request(number, { kind: number === 10 ? 'outcome' : 'call' }));
      await requests.open(request(1, { callKey: 'run/1/1/call' }));
      const listed = await requests.list(key);
      expect(listed.map(({ number }) => number)).toEqual([1, 2, 10]);
      expect(listed[2]).toEqual({
        ...request(10, { kind: 'outcome' }),
        answered: false,
        id: null,
        reviewUrl: null,
        atOnce: null,
      });
      expect(JSON.stringify(listed[0]!.request)).toBe(JSON.stringify(asked));
    });

    it('opened several times at once → the first row is kept', async (test) => {
      const url = await kind.emptyUrl(test);
      const [one, two] = [await kind.open(url), await kind.open(url)];
      const outcomes = await Promise.all(
        [1, 2, 3, 4].map((openedAt) => (openedAt % 2 ? one : two).requests.open(request(1, { openedAt }))),
      );
      expect(outcomes.filter((outcome) => outcome === 'opened')).toHaveLength(1);
      const first = 1 + outcomes.indexOf('opened');
      expect(await two.requests.list(key)).toMatchObject([{ openedAt: first }]);
    });

    it('second reply → the first is kept', async (test) => {
      const { requests } = await kind.open(await kind.emptyUrl(test));
      await requests.open(request(1));
      await requests.answered(key, 1, { id: 'req_1', reviewUrl: 'https://review.example/1', atOnce: answer });
      await requests.answered(key, 1, { id: 'req_2', reviewUrl: null, atOnce: null });
      expect(await requests.list(key)).toEqual([
        { ...request(1), answered: true, id: 'req_1', reviewUrl: 'https://review.example/1', atOnce: answer },
      ]);
    });

    it('answered without a row → error', async (test) => {
      const { requests } = await kind.open(await kind.emptyUrl(test));
      await expect(requests.answered(key, 7, { id: 'req_1', reviewUrl: null, atOnce: null })).rejects.toThrow(
        /Request 7 of call run\/1\/0\/call/,
      );
    });

    it('abandoned → deleted, unless answered', async (test) => {
      const { requests } = await kind.open(await kind.emptyUrl(test));
      await requests.open(request(1));
      await requests.open(request(2));
      await requests.answered(key, 2, { id: 'req_2', reviewUrl: null, atOnce: null });
      for (const number of [1, 2, 3]) await requests.abandon(key, number);
      expect((await requests.list(key)).map(({ number }) => number)).toEqual([2]);
      expect(await requests.open(request(1))).toBe('opened');
    });
  });

  describe('effect ledger', () => {
    it('newest → the last start of the call, or undefined', async (test) => {
      const { effects } = await kind.open(await kind.emptyUrl(test));
      expect(await effects.newest(key)).toBeUndefined();
      await effects.start(start('a', { request: null }));
      await effects.start(start('b', { start: 2 }));
      await effects.start(start('c', { start: 3, callKey: 'run/1/1/call' }));
      expect(await effects.newest(key)).toEqual({
        ...start('b', { start: 2 }),
        state: 'open',
        doubted: false,
        attempts: 1,
        output: null,
        closedAt: null,
      });
    });

    it('many attempts start at once → one starts, and its row is kept', async (test) => {
      const url = await kind.emptyUrl(test);
      const databases = [await kind.open(url), await kind.open(url)];
      const attempts = Array.from({ length: 20 }, (_, number) => `attempt ${number}`);
      const outcomes = await Promise.all(
        attempts.map((attemptId, number) => databases[number % 2]!.effects.start(start(attemptId))),
      );
      expect(outcomes.filter((outcome) => outcome === 'started')).toHaveLength(1);
      expect((await databases[0]!.effects.newest(key))?.attemptId).toBe(attempts[outcomes.indexOf('started')]);
    });

    it('many attempts take over at once → one succeeds and is counted', async (test) => {
      const url = await kind.emptyUrl(test);
      const databases = [await kind.open(url), await kind.open(url)];
      await databases[0]!.effects.start(start('first'));
      const attempts = Array.from({ length: 20 }, (_, number) => `attempt ${number}`);
      const outcomes = await Promise.all(
        attempts.map((attemptId, number) =>
          databases[number % 2]!.effects.takeOver(key, 1, 'first', attempt(attemptId)),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await databases[0]!.effects.newest(key)).toMatchObject({
        ...attempt(attempts[outcomes.indexOf(true)]!),
        attempts: 2,
        state: 'open',
      });
    });

    it.for(['done', 'failed', 'confirmed', 'given-up', 'not-happened'] as const)(
      'many close at once, one as %s → the first end is kept',
      async (state, test) => {
        const url = await kind.emptyUrl(test);
        const databases = [await kind.open(url), await kind.open(url)];
        await databases[0]!.effects.start(start('a'));
        const rows = await Promise.all(
          Array.from({ length: 10 }, (_, number) =>
            databases[number % 2]!.effects.close(key, 1, {
              state: number % 3 === 0 ? state : 'given-up',
              output: { text: `${strange}${number}`, result: 'json' },
              at: number,
            }),
          ),
        );
        for (const row of rows) expect(row).toEqual(rows[0]);
        expect(rows[0]!.closedAt).toBe(Number(rows[0]!.output!.text.slice(-1)));
        expect(await databases[1]!.effects.newest(key)).toEqual(rows[0]);
      },
    );

    it('refuse → the call never starts, unless an attempt was first', async (test) => {
      const { effects } = await kind.open(await kind.emptyUrl(test));
      const refusal = { callKey: key, start: 1, runId: 'run', tool: 'refund', ...attempt('a') };
      expect(await effects.refuse(refusal, { text: 'replaced' })).toBe('refused');
      expect(await effects.start(start('b'))).toBe('exists');
      expect(await effects.takeOver(key, 1, 'a', attempt('b'))).toBe(false);
      expect(await effects.newest(key)).toMatchObject({
        ...refusal,
        state: 'superseded',
        attempts: 0,
        output: { text: 'replaced' },
        closedAt: refusal.at,
      });
      await effects.start(start('c', { callKey: 'run/1/1/call' }));
      expect(await effects.refuse({ ...refusal, callKey: 'run/1/1/call' }, { text: 'replaced' })).toBe('exists');
      expect(await effects.newest('run/1/1/call')).toMatchObject({ state: 'open', attemptId: 'c' });
    });

    it('close without an output → closed', async (test) => {
      const { effects } = await kind.open(await kind.emptyUrl(test));
      await effects.start(start('a'));
      expect(await effects.close(key, 1, { state: 'not-happened', output: null, at: 5 })).toMatchObject({
        state: 'not-happened',
        output: null,
        closedAt: 5,
      });
    });

    it('output of ten megabytes → read whole', async (test) => {
      const { effects } = await kind.open(await kind.emptyUrl(test));
      await effects.start(start('a'));
      expect(
        (await effects.close(key, 1, { state: 'done', output: { text: 'x'.repeat(10 * 1024 * 1024) }, at: 5 })).output
          ?.text,
      ).toHaveLength(10 * 1024 * 1024);
    });

    it('close without a start → error', async (test) => {
      const { effects } = await kind.open(await kind.emptyUrl(test));
      await expect(effects.close(key, 1, { state: 'done', output: null, at: 5 })).rejects.toThrow(
        /no row of its start 1/,
      );
    });

    it('closed row → no change', async (test) => {
      const { effects } = await kind.open(await kind.emptyUrl(test));
      await effects.start(start('a'));
      const closed = await effects.close(key, 1, { state: 'done', output: { text: 'sent' }, at: 5 });
      expect(await effects.takeOver(key, 1, 'a', attempt('b'))).toBe(false);
      expect(await effects.release(key, 1, 'a')).toBe(false);
      await effects.doubt(key, 1);
      expect(await effects.start(start('b'))).toBe('exists');
      expect(await effects.newest(key)).toEqual(closed);
    });

    it('release → only by the owner of an open row without doubt', async (test) => {
      const { effects } = await kind.open(await kind.emptyUrl(test));
      await effects.start(start('a'));
      expect(await effects.release(key, 1, 'b')).toBe(false);
      expect(await effects.release(key, 1, 'a')).toBe(true);
      expect(await effects.newest(key)).toBeUndefined();
      await effects.start(start('b'));
      await effects.doubt(key, 1);
      expect(await effects.newest(key)).toMatchObject({ doubted: true, state: 'open' });
      expect(await effects.release(key, 1, 'b')).toBe(false);
    });
  });
});
