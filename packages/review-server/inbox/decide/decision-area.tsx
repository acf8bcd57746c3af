import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { alreadyClosedSchema, ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { shownDigest } from '../../src/contract/shown-digest.ts';
import { approvalQuery } from '../api/queries.ts';
import type { Reading } from '../approval/reading.ts';
import { problemText, request, RequestProblem } from '../api/request.ts';
import { useInbox } from '../list/inbox-context.ts';
import { PasskeyProblem } from '../session/passkey.ts';
import { useMe } from '../session/session.ts';
import { textFieldOf, textIsSent } from '../shell/typing.ts';
import { Button } from '../ui/button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice, NoticePlace } from '../ui/notice.tsx';
import { handOf, type Answer, type Hand } from './answer.ts';
import { CallAnswers } from './call-answers.tsx';
import { confirmCritical } from './confirm-critical.ts';
import { useDraft } from './drafts.ts';
import { Ended, EndedNotice } from './ended.tsx';
import { HeldNotice } from './held-notice.tsx';
import { holdsQuery } from './held-decisions-query.ts';
import { OutcomeAnswers } from './outcome-answers.tsx';
import type { Edit } from './read-edit.ts';
import { useShown } from './shown.ts';

type DecisionAreaProps = {
  approval: ReviewerApproval;
  edit: Edit | undefined;
  reading: Reading;
  /** The decision of another reviewer, while this reviewer is still typing. */
  late: ReviewerApproval | undefined;
  decidedHere: boolean;
  onDecidedHere: () => void;
};

/** The footer of a request: the buttons to decide, or the decision. */
export function DecisionArea({ approval, edit, reading, late, decidedHere, onDecidedHere }: DecisionAreaProps) {
  const { id, kind, status } = approval;
  const isOver = status !== 'PENDING';
  const me = useMe();
  const client = useQueryClient();
  const { onDecided } = useInbox();
  const [draft, setDraft] = useDraft(id);
  const isAsShown = useShown(late ?? approval);
  const [isTooSoon, setTooSoon] = useState(false);
  // A ref, since a state would be one render late for a quick second press.
  const isUnderWay = useRef(false);
  const decide = useMutation({
    mutationFn: async ({ answer, held }: { answer: Answer; held: boolean }) => {
      const act = { ...answer, shown: shownDigest(approval) };
      const stepUp = approval.riskLevel === 'critical' ? await confirmCritical(id, act) : undefined;
      return request<ReviewerApproval>('POST', `/approvals/${encodeURIComponent(id)}/decide`, {
        ...act,
        ...(stepUp !== undefined && { stepUp }),
        held,
        note: draft.note.trim() === '' ? null : draft.note,
      });
    },
    onSuccess: (decided) => {
      if (decided.status === 'PENDING') {
        isUnderWay.current = false;
        // A vote or an edit that others have to follow.
        if (!decided.holds.some(({ by }) => by === me.name)) setDraft(undefined);
        void client.invalidateQueries({ queryKey: holdsQuery.queryKey });
      } else {
        onDecidedHere();
        setDraft(undefined);
      }
      client.setQueryData(approvalQuery(id).queryKey, decided);
      void client.invalidateQueries({ queryKey: ['approvals'] });
      void client.invalidateQueries({ queryKey: ['counts'] });
      onDecided(id);
    },
    onError: (error) => {
      isUnderWay.current = false;
      // Another reviewer decided first, or the request changed: show it as it is now and keep the draft.
      if (error instanceof RequestProblem && error.status === 409)
        client.setQueryData(
          approvalQuery(id).queryKey,
          (error.body as (typeof alreadyClosedSchema)['_output']).approval,
        );
      void client.invalidateQueries({ queryKey: approvalQuery(id).queryKey });
    },
  });
  const area = useRef<HTMLElement>(null);
  useEffect(() => {
    if (decidedHere && isOver) area.current?.focus();
  }, [decidedHere, isOver]);
  const wasLate = useRef(false);
  useLayoutEffect(() => {
    // The field and the next button may be gone.
    if (wasLate.current && isOver && (document.activeElement === null || document.activeElement === document.body))
      area.current?.focus();
    wasLate.current = late !== undefined;
  }, [late, isOver]);

  const mayDecide = (hand: Hand) => {
    if (isUnderWay.current || late !== undefined) return false;
    const isMeant = hand === 'pointer' || isAsShown();
    setTooSoon(!isMeant);
    return isMeant;
  };
  const onAnswer = (answer: Answer, hand: Hand, { atOnce = hand !== 'key' } = {}) => {
    if (!mayDecide(hand)) return;
    isUnderWay.current = true;
    textIsSent();
    decide.mutate({ answer, held: !atOnce });
  };
  const holds = isOver || late !== undefined ? [] : approval.holds;
  const own = holds.find(({ by }) => by === me.name);
  const wasHeld = useRef(false);
  useEffect(() => {
    if (own !== undefined && !wasHeld.current && textFieldOf(document.activeElement) === undefined)
      area.current?.focus();
    // The held decision of this person was made.
    if (wasHeld.current && isOver && approval.decidedBy === me.name) {
      onDecidedHere();
      setDraft(undefined);
    }
    wasHeld.current = own !== undefined;
  });
  const { approve = true, reject = true, reason = null, insteadOf = null } = approval.canDecide ?? {};
  const mayAnswer = approve || reject;
  const answers = { draft, setDraft, onAnswer, isSending: decide.isPending || late !== undefined };
  return (
    <footer
      ref={area}
      className="decision-area"
      {...((isOver || own !== undefined) && {
        'data-ended': isOver,
        tabIndex: -1,
        role: 'group',
        'aria-label': 'Decision',
      })}
    >
      <NoticePlace>
        {(isOver || late !== undefined) && (
          <EndedNotice approval={late ?? approval} isMine={decidedHere} draft={draft} />
        )}
        {!isOver && late === undefined && isTooSoon && (
          <Notice tone="info">
            The request has just changed. Your decision was not sent. Review the request again, then decide.
          </Notice>
        )}
      </NoticePlace>
      {holds.map((hold) => (
        <HeldNotice key={`${hold.by} ${hold.heldAt}`} id={id} hold={hold} />
      ))}
      {isOver && <Ended isMine={decidedHere} draft={draft} onForget={() => setDraft(undefined)} />}
      {!isOver && late === undefined && reason !== null && own === undefined && (
        <p className="quiet-text may-not" role="status">
          <LiteralText>{reason}</LiteralText>
        </p>
      )}
      {!isOver && late === undefined && insteadOf !== null && own === undefined && (
        <p className="quiet-text may-not" role="status">
          You decide for <LiteralText>{insteadOf}</LiteralText>, as deputy.
        </p>
      )}
      {!isOver && own === undefined && mayAnswer && (
        <>
          {decide.error !== null && !decide.isPending && (
            <Notice tone="bad">
              {problemText(decide.error)} {sentText(decide.error)}{' '}
              {decide.error instanceof PasskeyProblem && (
                <Button
                  size="small"
                  onPress={(event) =>
                    onAnswer(decide.variables.answer, handOf(event), { atOnce: !decide.variables.held })
                  }
                >
                  Try again
                </Button>
              )}
            </Notice>
          )}
          {kind === 'outcome' ? (
            <OutcomeAnswers reading={reading} {...answers} />
          ) : (
            <CallAnswers approval={approval} edit={edit} reading={reading} mayHold={mayDecide} {...answers} />
          )}
        </>
      )}
    </footer>
  );
}

function sentText(error: Error): string {
  return error instanceof RequestProblem && error.status === 0
    ? 'Your decision may have been received: check again when the header shows “Live”. Your text is kept.'
    : 'Your text is kept.';
}
