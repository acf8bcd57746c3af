import type { Logger } from 'pino';
import { appendAudit } from './audit.ts';
import type { ReviewStore } from './review-store.ts';

/** A sign-in that was refused. */
export type FailedSignIn = {
  /** Undefined for a link, for the identity provider, and for a passkey without a known user. */
  name?: string;
  by: 'password' | 'link' | 'password-change' | 'passkey' | 'provider' | 'logout-token';
  /** Why a passkey or a person of the identity provider was refused. */
  reason?: string;
  /** Id of the passkey. */
  passkey?: string | undefined;
  address: string | undefined;
};

/** Subject of an audit entry for text that is no user's name. It may be a password, so it is stored nowhere. */
const unknownUser = '(unknown user)';

const hourMs = 60 * 60_000;
const minuteMs = 60_000;
/** Audit entries an hour for each user, and for all unknown names together. Entries can't be deleted. */
const mostEntriesAnHour = 20;
/** Log lines a minute in this process. */
const mostLinesAMinute = 60;

/** Records that wait for their turn. Further ones are dropped. */
const mostWaiting = 1000;

export type FailedSignIns = {
  /**
   * Writes a refused sign-in to the log and the audit, both bounded. It does not wait: the time of an answer must not tell
   * whether the name is a user's.
   */
  record(failed: FailedSignIn): void;
  /** Writes an attempt on a blocked name or address to the log. It does not wait either. */
  recordBlocked(failed: FailedSignIn): void;
};

/** Records failed sign-ins without the password, and without a name that is no user's. */
export function createFailedSignIns(store: ReviewStore, log: Logger): FailedSignIns {
  const writeLine = boundedLog(log, () => store.clock().getTime());
  let [last, waiting] = [Promise.resolve(), 0];
  // One after the other, so that the bounds hold for attempts at the same time.
  const inTurn = (work: () => Promise<void>) => {
    if (waiting >= mostWaiting) return;
    waiting += 1;
    last = last
      .then(work)
      .catch((error: unknown) => log.error({ err: error }, 'a failed sign-in could not be recorded'))
      .finally(() => (waiting -= 1));
  };
  const record = async ({ name, by, address, reason, passkey }: FailedSignIn) => {
    const user = await subjectOf(store, name);
    const more = reason === undefined ? {} : { reason, ...(by === 'passkey' && { passkey: passkey ?? null }) };
    writeLine({ user, by, address, ...more }, 'sign-in failed');
    await appendBounded(store, user, { by, address: address ?? null, ...more });
  };
  const recordBlocked = async ({ name, by, address }: FailedSignIn) =>
    writeLine({ user: await subjectOf(store, name), by, address }, 'sign-in refused: blocked after failures');
  return {
    record: (failed) => inTurn(() => record(failed)),
    recordBlocked: (failed) => inTurn(() => recordBlocked(failed)),
  };
}

async function subjectOf({ database }: ReviewStore, name: string | undefined): Promise<string> {
  if (name === undefined) return unknownUser;
  const user = await database.reads
    .selectFrom('users')
    .select('name')
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return user?.name ?? unknownUser;
}

async function appendBounded(
  { database: { kysely, reads }, clock }: ReviewStore,
  subject: string,
  facts: Record<string, string | null>,
): Promise<void> {
  const now = clock();
  const linked = await reads
    .selectFrom('audit')
    .select('at')
    .where('subject', '=', subject)
    .where('event', '=', 'sign-in-failed')
    .orderBy('sequence', 'desc')
    .limit(mostEntriesAnHour)
    .execute();
  const unlinked = await reads
    .selectFrom('audit_pending')
    .select('at')
    .where('subject', '=', subject)
    .where('event', '=', 'sign-in-failed')
    .limit(mostEntriesAnHour)
    .execute();
  const since = now.getTime() - hourMs;
  const entries = [...linked, ...unlinked].filter(({ at }) => at !== null && Date.parse(at) > since).length;
  // An entry that is linked between the two reads is counted twice.
  if (entries >= mostEntriesAnHour) return;
  await kysely.transaction().execute((transaction) =>
    appendAudit(transaction, {
      at: now.toISOString(),
      actor: 'system',
      event: 'sign-in-failed',
      subject,
      facts: { ...facts, furtherInLogOnly: entries === mostEntriesAnHour - 1 },
    }),
  );
}

function boundedLog(log: Logger, now: () => number): (fields: object, text: string) => void {
  let [since, lines, left] = [now(), 0, 0];
  return (fields, text) => {
    if (now() - since >= minuteMs) {
      if (left > 0) log.warn({ left }, 'further failed sign-ins were left out of the log');
      [since, lines, left] = [now(), 0, 0];
    }
    lines += 1;
    if (lines > mostLinesAMinute) left += 1;
    else log.warn(fields, text);
  };
}
