import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DueDelivery } from '../src/store/due-delivery.ts';
import { addDelivery, recordAttempt, takeDueDeliveries, type Attempt } from '../src/store/outbox.ts';
import { statementsOf } from './count-statements.ts';
import { eventually } from './eventually.ts';
import { onBothDatabases } from './on-both-databases.ts';
import { openTeam, type Team } from './team.ts';

const now = new Date('2026-05-04T10:00:00.000Z');
const created = new Date('2026-05-04T09:00:00.000Z').toISOString();
const resent = new Date('2026-05-04T09:59:00.000Z').toISOString();
const later = new Date('2026-05-04T11:00:00.000Z');
const received: Attempt = { at: now, tookMs: 12, status: 200, problem: null };
const refused: Attempt = { at: now, tookMs: 12, status: 500, problem: 'The receiver answered 500.' };

onBothDatabases((newDatabase, kind) => {
  let team: Team;
  beforeAll(async () => {
    team = await openTeam(await newDatabase(), () => now);
  });
  afterAll(() => team.close());

  /** A delivery that is leased to this process, before its first attempt. */
  const takeOne = async (): Promise<DueDelivery> => {
    const { kysely } = team.database;
    const approvalId = await team.ask(null);
    await kysely
      .transaction()
      .execute((transaction) =>
        addDelivery(transaction, { kind: 'decision', approvalId, url: 'http://here/hook', body: '{}', at: created }),
      );
    const taken = await takeDueDeliveries(team.store, { kinds: ['decision'], most: 100, except: [] });
    return taken.find(({ approval_id }) => approval_id === approvalId)!;
  };
  const resendOf = ({ id }: DueDelivery, kysely = team.database.kysely) =>
    kysely
      .updateTable('outbox')
      .set({ tried_since: resent, next_attempt_at: resent, delivered_at: null, abandoned_at: null })
      .where('id', '=', id)
      .execute();
  const stored = ({ id }: DueDelivery) =>
    team.database.kysely
      .selectFrom('outbox')
      .select(['leased_until', 'last_problem', 'next_attempt_at', 'delivered_at', 'abandoned_at', 'tried_since'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  const attemptsOf = ({ id }: DueDelivery) =>
    team.database.kysely.selectFrom('delivery_attempts').selectAll().where('delivery_id', '=', id).execute();
  const untouched = {
    leased_until: null,
    last_problem: null,
    next_attempt_at: created,
    delivered_at: null,
    abandoned_at: null,
    tried_since: created,
  };

  describe('an attempt is recorded', () => {
    it.each([
      ['received → delivered', received, undefined, { delivered_at: now.toISOString() }],
      ['failed → due again', refused, later, { last_problem: refused.problem, next_attempt_at: later.toISOString() }],
      [
        'failed for the last time → given up',
        refused,
        undefined,
        { last_problem: refused.problem, abandoned_at: now.toISOString() },
      ],
    ])('%s', async (_name, attempt, next, changes) => {
      const [delivery, other] = [await takeOne(), await takeOne()];
      const otherBefore = await stored(other);
      await recordAttempt(team.store, delivery, attempt, next);
      expect(await stored(delivery)).toEqual({ ...untouched, ...changes });
      const { tookMs, status, problem } = attempt;
      expect(await attemptsOf(delivery)).toEqual([
        { delivery_id: delivery.id, number: 1, at: now.toISOString(), took_ms: tookMs, status, problem },
      ]);
      expect([await stored(other), await attemptsOf(other)]).toEqual([otherBefore, []]);
    });

    it.each([
      ['received', received, undefined],
      ['failed', refused, later],
      ['failed for the last time', refused, undefined],
    ])('%s, sent again meanwhile → the lease ends, it stays due', async (_name, attempt, next) => {
      const delivery = await takeOne();
      await resendOf(delivery);
      await recordAttempt(team.store, delivery, attempt, next);
      const again = { tried_since: resent, next_attempt_at: resent };
      expect(await stored(delivery)).toEqual({ ...untouched, ...again, last_problem: attempt.problem });
      expect(await attemptsOf(delivery)).toHaveLength(1);
    });

    it('same number twice, as after a lost lease → the first attempt stays, the last outcome counts', async () => {
      const delivery = await takeOne();
      await recordAttempt(team.store, delivery, refused, later);
      await recordAttempt(team.store, delivery, received, undefined);
      expect((await attemptsOf(delivery)).map(({ status }) => status)).toEqual([500]);
      expect(await stored(delivery)).toMatchObject({ delivered_at: now.toISOString(), last_problem: null });
    });

    it('delivery that is gone → error, nothing is written', async () => {
      const gone = { ...(await takeOne()), id: 'gone' };
      await expect(recordAttempt(team.store, gone, received, undefined)).rejects.toThrow(/foreign key/i);
      expect(await attemptsOf(gone)).toEqual([]);
    });
  });

  // oxlint-disable-next-line vitest/no-conditional-tests -- SQLite has no round trips, and one writer at a time
  if (kind === 'postgres') {
    it('attempt recorded → one round trip', async () => {
      const delivery = await takeOne();
      const statements = await statementsOf(() => recordAttempt(team.store, delivery, received, undefined));
      expect(statements).toEqual([expect.stringMatching(/^with .*insert into "delivery_attempts".*update "outbox"/)]);
    });

    it('resend that commits while the record of an attempt waits → it stays due', async () => {
      const delivery = await takeOne();
      const { kysely } = team.database;
      let recording: Promise<void> | undefined;
      await kysely.transaction().execute(async (transaction) => {
        await resendOf(delivery, transaction);
        recording = recordAttempt(team.store, delivery, received, undefined);
        recording.catch(() => undefined);
        await eventually('the wait', async () => {
          const waiting = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
          return (await waiting.execute(kysely)).rows.length > 0;
        });
      });
      await recording;
      expect(await stored(delivery)).toMatchObject({ ...untouched, tried_since: resent, next_attempt_at: resent });
    });
  }
});
