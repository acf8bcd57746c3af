import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { OwnHolds } from '../../src/contract/holds.ts';
import { approvalQuery } from '../api/queries.ts';
import { problemText } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { usePressHeld, useShortcuts } from '../shell/shortcuts.ts';
import { Notice } from '../ui/notice.tsx';
import { forgetDraft } from './drafts.ts';
import { HeldCard } from './held-card.tsx';
import { holdsQuery } from './held-decisions-query.ts';
import { useUndo } from './undo.ts';

type OwnHold = OwnHolds['holds'][number];

/** A hold that the server still has so long after its time is asked for again, in milliseconds. */
const askAgainMs = 1000;

/** The latest held decision of this person, and its undo by button, Z or U. */
export function HeldDecisions({ holds }: { holds: readonly OwnHold[] }) {
  const undo = useUndo();
  const latest = latestOf(holds);
  const undoLatest = () => {
    if (latest.length > 0 && !undo.isPending) undo.mutate(latest.map(({ id }) => id));
  };
  useShortcuts({ z: undoLatest, u: undoLatest });
  usePressHeld('held decisions');
  useEnds(holds);
  const tooLate = undo.data?.results.find(({ outcome }) => outcome !== 'undone')?.error;
  const { id: openId } = useParams({ strict: false });
  // The open request has its own notice and button.
  const first = latest.length === 1 && latest[0]?.id === openId ? undefined : latest[0];
  return (
    <>
      {first !== undefined && (
        <HeldCard first={first} count={latest.length} isPending={undo.isPending} onUndo={undoLatest} />
      )}
      {undo.error !== null && !undo.isPending && <Notice tone="bad">{problemText(undo.error)}</Notice>}
      {tooLate !== undefined && latest.length === 0 && <Notice tone="bad">Not undone. {tooLate}</Notice>}
    </>
  );
}

/** The last hold, with all others of its batch. */
function latestOf(holds: readonly OwnHold[]): OwnHold[] {
  const last = holds.toSorted((a, b) => (a.heldAt < b.heldAt ? 1 : -1))[0];
  if (last === undefined) return [];
  return last.batch === null ? [last] : holds.filter(({ batch }) => batch === last.batch);
}

/** Reads the holds again after their times, and forgets the drafts of those that were decided. */
function useEnds(holds: readonly OwnHold[]): void {
  const me = useMe();
  const client = useQueryClient();
  const before = useRef(holds);
  useEffect(() => {
    const gone = before.current.filter(({ id }) => !holds.some((each) => each.id === id));
    before.current = holds;
    const forgetDecided = async (id: string) => {
      const { decidedBy, decisionReasonCode } = await client.fetchQuery({ ...approvalQuery(id), staleTime: 0 });
      if (decidedBy === me.name && decisionReasonCode === 'person') forgetDraft(id);
    };
    for (const { id } of gone) forgetDecided(id).catch(() => undefined);
    const [next] = holds;
    if (next === undefined) return undefined;
    const timer = setInterval(
      () => void client.invalidateQueries({ queryKey: holdsQuery.queryKey }),
      Math.max(askAgainMs, Date.parse(next.dueAt) - Date.now() + askAgainMs),
    );
    return () => clearInterval(timer);
  }, [client, holds, me.name]);
}
