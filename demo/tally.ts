import { isDeepStrictEqual } from 'node:util';
import type { MailEntry } from './mail-service.ts';

/** An approved call. It may act once, with these arguments. */
export type Approved = { callKey: string; arguments: unknown; decidedAt: string };

/** The mail service's log compared with the approvals. */
export type Tally = {
  /** How often the tool called the mail service. */
  toolStarts: number;
  /** How often mail went out. */
  toolEffects: number;
  /** Approvals without their effect. */
  lost: number;
  /** Effects beyond one for each approval, effects without an approval included. */
  doubled: number;
  /** Milliseconds from each decision to the tool's first call after it, shortest first. */
  resumeMs: number[];
};

/** Counts by call key and arguments: mail with other arguments than the approved ones does not count for the approval. */
export function tally(approved: readonly Approved[], log: readonly MailEntry[]): Tally {
  const blasts = log.filter(({ path }) => path === '/blasts');
  const requests = blasts.filter(({ type }) => type === 'request');
  const effects = blasts.filter(({ type }) => type === 'effect');
  const carriedOut = approved.filter(({ callKey, arguments: args }) =>
    effects.some(({ idempotencyKey, body }) => idempotencyKey === callKey && isDeepStrictEqual(body, args)),
  );
  const resumeMs = approved.flatMap(({ callKey, decidedAt }) => {
    const first = requests.find(({ idempotencyKey, at }) => idempotencyKey === callKey && at >= decidedAt);
    return first === undefined ? [] : [Date.parse(first.at) - Date.parse(decidedAt)];
  });
  return {
    toolStarts: requests.length,
    toolEffects: effects.length,
    lost: approved.length - carriedOut.length,
    doubled: effects.length - carriedOut.length,
    resumeMs: resumeMs.toSorted((one, other) => one - other),
  };
}

/** The middle value, and the largest. Null when there are none. */
export function spread(sorted: readonly number[]): { p50: number | null; max: number | null } {
  return { p50: sorted[Math.ceil(sorted.length / 2) - 1] ?? null, max: sorted.at(-1) ?? null };
}
