import { useLayoutEffect, useMemo, useRef } from 'react';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { stableJson } from '@holdpoint/json';
import { useMe } from '../session/session.ts';

/** Keys decide nothing for this time after a change that the user did not cause, in milliseconds. */
const settleMs = 300;

/** The id and state on the screen, now and when the last key went down. */
let onScreen: string | undefined;
let atKeyDown: { shown: string | undefined; at: number } | undefined;
/** The request that the user opened and that is not shown yet. Initially the one in the address. */
let expected = new RegExp('^/approvals/([^/]+)$').exec(location.pathname)?.[1];

window.addEventListener(
  'keydown',
  (event) => {
    // The time stamp is the moment of the press. The event may wait for a busy page.
    if (!event.repeat) atKeyDown = { shown: onScreen, at: event.timeStamp };
  },
  true,
);

/** The user opens this request: keys may decide on it as soon as it is shown. Valid for one showing. */
export function expectShown(id: string): void {
  expected = id;
}

/**
 * Returns whether a key may decide on the request. When the key went down, the same id and state were shown, and they
 * had been shown for 300 ms or the user had opened the request.
 */
export function useShown(approval: ReviewerApproval): () => boolean {
  const me = useMe();
  const { id } = approval;
  const state = useMemo(() => stateOf(approval, me.name), [approval, me.name]);
  const changedAt = useRef<number>(undefined);
  useLayoutEffect(() => {
    const isExpected = changedAt.current === undefined && expected === id;
    if (expected === id) expected = undefined;
    changedAt.current = isExpected ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    onScreen = state;
    // The time counts from the frame that shows the change, in a background tab from the return to it.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        if (!isExpected) changedAt.current = performance.now();
      });
    });
    return () => {
      onScreen = undefined;
      cancelAnimationFrame(frame);
    };
  }, [id, state]);
  return () => onScreen === state && atKeyDown?.shown === state && atKeyDown.at - changedAt.current! >= settleMs;
}

/** Everything that may change in an open request, except the user's own claim. */
function stateOf(
  { timeline: _timeline, deliveries: _deliveries, claim, ...shown }: ReviewerApproval,
  me: string,
): string {
  return stableJson({ ...shown, claim: claim?.by === me ? null : claim });
}
