import { clockAhead } from '@holdpoint/cheqpoint';
import type { Dependency } from '@holdpoint/process';
import { clockWarning } from './review-clock.ts';
import type { HoldpointDatabase } from './database/open-database.ts';

const reviewTimeoutMs = 2_000;

/** Holdpoint's database, for `/readyz`. */
export function databaseDependency(database: HoldpointDatabase): Dependency {
  return { name: 'The database', setting: 'HOLDPOINT_DATABASE_URL', ask: () => database.health() };
}

/**
 * The review service, for `/readyz`. Our review server says itself whether it takes decisions. Hosted Cheqpoint has no
 * such address: each answer below 500 counts.
 */
export function reviewDependency(baseUrl: string): Dependency {
  let aheadMs: number | undefined;
  return {
    name: 'The review service',
    setting: 'CHEQPOINT_BASE_URL',
    async ask() {
      const sentAt = Date.now();
      const { status, headers, body } = await fetch(new URL('readyz', `${baseUrl.replace(/\/+$/, '')}/`), {
        redirect: 'manual',
        signal: AbortSignal.timeout(reviewTimeoutMs),
      });
      aheadMs = clockAhead(headers, sentAt, Date.now());
      await body?.cancel();
      if (status >= 500) throw new Error(`it answers HTTP ${status}`);
    },
    warning: () => clockWarning(aheadMs),
  };
}
