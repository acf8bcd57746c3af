import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { WireObject } from '../../../../schemas/cheqpoint-wire.ts';
import type { alreadyClosedSchema, ReviewerApproval } from '../../../../schemas/reviewer-api.ts';
import { approvalQuery } from '../api/queries.ts';
import { problemText, request, RequestProblem } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Notice, NoticePlace } from '../ui/notice.tsx';
import { CallAnswers } from './call-answers.tsx';
import { useDraft } from './drafts.ts';
import { Ended, EndedNotice } from './ended.tsx';
import { OutcomeAnswers } from './outcome-answers.tsx';
import type { Edit } from './read-edit.ts';

/** What is sent; the note comes from the draft. */
export interface Answer {
  decision: 'approve' | 'reject';
  modifiedDetails?: WireObject;
}

/** The foot of the approval: the ways to decide, or what was decided. */
export function DecisionArea({ approval, original, edit }: { approval: ReviewerApproval; original: WireObject; edit: Edit | undefined }) {
  const { id, kind, status } = approval;
  const isOver = status !== 'PENDING';
  const me = useMe();
  const client = useQueryClient();
  const [draft, setDraft] = useDraft(id);
  const [decidedHere, setDecidedHere] = useState(false);
  const decide = useMutation({
    mutationFn: (answer: Answer) => request<ReviewerApproval>('POST', `/approvals/${encodeURIComponent(id)}/decide`, { ...answer, note: draft.note.trim() === '' ? null : draft.note }),
    onSuccess: (decided) => {
      setDecidedHere(true);
      setDraft(undefined);
      client.setQueryData(approvalQuery(id).queryKey, decided);
      void client.invalidateQueries({ queryKey: ['approvals'] });
      void client.invalidateQueries({ queryKey: ['counts'] });
    },
    onError: (error) => {
      // Somebody was quicker: show what counts. What was typed stays.
      if (error instanceof RequestProblem && error.status === 409) client.setQueryData(approvalQuery(id).queryKey, (error.body as (typeof alreadyClosedSchema)['_output']).approval);
      void client.invalidateQueries({ queryKey: approvalQuery(id).queryKey });
    },
  });
  const area = useRef<HTMLElement>(null);
  useEffect(() => {
    if (decidedHere && isOver) area.current?.focus();
  }, [decidedHere, isOver]);

  const answers = { draft, setDraft, onAnswer: decide.mutate, isSending: decide.isPending };
  return (
    <footer ref={area} className="decision-area" {...(isOver && { 'data-ended': true, tabIndex: -1 })}>
      <NoticePlace>{isOver && <EndedNotice approval={approval} isMine={decidedHere} draft={draft} />}</NoticePlace>
      {isOver && <Ended isMine={decidedHere} draft={draft} onForget={() => setDraft(undefined)} />}
      {!isOver && !me.may('reviewer') && <p className="quiet-text">You may look at this, but deciding takes the role “reviewer”.</p>}
      {!isOver && me.may('reviewer') && (
        <>
          {decide.error !== null && !decide.isPending && <Notice tone="bad">{problemText(decide.error)} {sentText(decide.error)}</Notice>}
          {kind === 'outcome' ? <OutcomeAnswers original={original} {...answers} /> : <CallAnswers approval={approval} edit={edit} {...answers} />}
        </>
      )}
    </footer>
  );
}

function sentText(error: Error): string {
  return error instanceof RequestProblem && error.status === 0 ? 'If your decision arrived, it shows here as soon as the server is back. What you typed is kept.' : 'What you typed is kept.';
}
