import { usualHoldSeconds } from '../contract/hold-limits.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { readSettings } from '../store/user-settings.ts';

/** The seconds to hold a decision of this user. 0: it is made at once. */
export async function holdSecondsOf(
  store: ReviewStore,
  userId: string,
  { held = false, holdSeconds }: { held?: boolean | undefined; holdSeconds?: number | undefined },
): Promise<number> {
  if (holdSeconds !== undefined || !held) return holdSeconds ?? 0;
  return (await readSettings(store, userId)).holdSeconds ?? usualHoldSeconds;
}
