import { ArrowUturnLeftIcon } from '@heroicons/react/16/solid';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { OwnHolds } from '../../src/contract/holds.ts';
import { approvalQuery } from '../api/queries.ts';
import { problemText } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { counted, shortened } from '../wording.ts';
import { forgetDraft } from './drafts.ts';
import { TimeToDecision } from './held-notice.tsx';
import { heldText, holdsQuery, useUndo } from './holds.ts';

type OwnHold = OwnHolds['holds'][number];

const none: readonly OwnHold[] = [];
/** A hold that the server still has so long after its time is asked for again, in milliseconds. */
const askAgainMs = 1000;

/** The latest held decision of this person on every page, and its undo by button, Z or U. */
export function HeldBar() {
  const me = useMe();
  const { data } = useQuery({ ...holdsQuery, enabled: me.may('reviewer') });
  const holds = data?.holds ?? none;
  const undo = useUndo();
  const latest = latestOf(holds);
  const undoLatest = () => {
    if (latest.length > 0 && !undo.isPending) undo.mutate(latest.map(({ id }) => id));
  };
  useShortcuts({ z: undoLatest, u: undoLatest });
  useEnds(holds);
  const tooLate = undo.data?.results.find(({ outcome }) => outcome !== 'undone')?.error;
  const { id: openId } = useParams({ strict: false });
  // The open request has its own notice and button.
  const first = latest.length === 1 && latest[0]?.id === openId ? undefined : latest[0];
  return (
    <div className="held-bar" role="status" aria-label="Held decisions">
      {first !== undefined && (
        <div className="held-bar-card">
          <p>
            <strong>
              <LiteralText>{heldText(first, me.name)}</LiteralText>
            </strong>{' '}
            {latest.length > 1 ? counted(latest.length, 'request') : ''} <TimeToDecision hold={first} />{' '}
            {latest.length === 1 && (
              <span className="held-bar-title">
                <LiteralText>{shortened(first.summary || first.action, 120)}</LiteralText>
              </span>
            )}
          </p>
          <Button
            look="primary"
            hint="Z"
            icon={<ArrowUturnLeftIcon aria-hidden="true" />}
            isPending={undo.isPending}
            onPress={undoLatest}
          >
            {latest.length > 1 ? `Undo ${latest.length}` : 'Undo'}
          </Button>
        </div>
      )}
      {undo.error !== null && !undo.isPending && <Notice tone="bad">{problemText(undo.error)}</Notice>}
      {tooLate !== undefined && latest.length === 0 && <Notice tone="bad">Not undone. {tooLate}</Notice>}
    </div>
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
