import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { ApprovalSummary, DecideManyAnswer } from '../../src/contract/reviewer-api.ts';
import { problemText, request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { RiskBadge } from '../ui/risk-badge.tsx';
import { counted, endedBy, headline, statusWord, toolOf } from '../wording.ts';

type Decision = 'approve' | 'reject';
type Result = DecideManyAnswer['results'][number];

const mostAtOnce = 100;

/** A table of the selected requests, one decision for all of them, and afterwards the result of each. */
export function BatchDialog({
  approvals,
  onDecided,
  onClose,
}: {
  approvals: readonly ApprovalSummary[];
  onDecided: (ids: string[]) => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const rejectable = approvals.filter(({ kind }) => kind === 'call');
  const approvable = rejectable.filter(({ riskLevel }) => riskLevel !== 'critical');
  // A ref, since a state would be one render late for a quick second press.
  const isUnderWay = useRef(false);
  const decide = useMutation({
    mutationFn: async (decision: Decision) => {
      const results: Result[] = [];
      const ids = (decision === 'approve' ? approvable : rejectable).map(({ id }) => id);
      for (let from = 0; from < ids.length; from += mostAtOnce) {
        const answer = await request<DecideManyAnswer>('POST', '/approvals/decide', {
          ids: ids.slice(from, from + mostAtOnce),
          decision,
          note: note.trim() === '' ? null : note,
        });
        results.push(...answer.results);
      }
      return { results };
    },
    onError: () => {
      isUnderWay.current = false;
    },
    onSuccess: ({ results: given }) => onDecided(given.map(({ id }) => id)),
    onSettled: () => client.invalidateQueries(),
  });
  const decideOnce = (decision: Decision) => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    decide.mutate(decision);
  };
  const results = new Map(decide.data?.results.map((result) => [result.id, result]));
  return (
    <Dialog
      title={decide.data === undefined ? `Decide ${counted(approvals.length, 'request')}` : 'Results'}
      size="wide"
      isOpen
      onClose={onClose}
      isBusy={decide.isPending}
    >
      <div className="table-scroller" tabIndex={0} role="region" aria-label="Selected requests">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Request</th>
              <th scope="col">Action</th>
              <th scope="col">Risk</th>
              <th scope="col">Requested by</th>
              <th scope="col">{decide.data === undefined ? 'Possible decisions' : 'Result'}</th>
            </tr>
          </thead>
          <tbody>
            {approvals.map((approval) => (
              <tr key={approval.id}>
                <th scope="row">
                  <LiteralText>{headline(approval)}</LiteralText>
                </th>
                <td>
                  <code>
                    <LiteralText>{toolOf(approval)}</LiteralText>
                  </code>
                </td>
                <td>
                  <RiskBadge level={approval.riskLevel} />
                </td>
                <td>
                  <LiteralText>{approval.agentName ?? approval.assistant}</LiteralText>
                </td>
                <td>
                  {decide.data === undefined ? (
                    <Possible approval={approval} />
                  ) : (
                    <ResultText result={results.get(approval.id)} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {decide.error !== null && (
        <Notice tone="bad">{problemText(decide.error)} Some requests may have been decided. Check the list.</Notice>
      )}
      {decide.data === undefined ? (
        <>
          <Field
            label="Note for all requests"
            description="The assistants may see this note."
            rows={2}
            autoFocus
            maxLength={10_000}
            value={note}
            onChange={setNote}
          />
          <div className="dialog-actions">
            <Button onPress={onClose} isDisabled={decide.isPending}>
              Cancel
            </Button>
            <Button
              look="reject"
              isDisabled={rejectable.length === 0 || decide.isPending}
              isPending={decide.isPending && decide.variables === 'reject'}
              onPress={() => decideOnce('reject')}
            >{`Reject ${rejectable.length}`}</Button>
            <Button
              look="approve"
              isDisabled={approvable.length === 0 || decide.isPending}
              isPending={decide.isPending && decide.variables === 'approve'}
              onPress={() => decideOnce('approve')}
            >{`Approve ${approvable.length}`}</Button>
          </div>
        </>
      ) : (
        <>
          <Notice tone={decide.data.results.every(({ outcome }) => outcome === 'decided') ? 'good' : 'info'}>
            {summaryOf(decide.data.results)}
          </Notice>
          <div className="dialog-actions">
            <Button look="primary" autoFocus onPress={onClose}>
              Done
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

function Possible({ approval: { kind, riskLevel } }: { approval: ApprovalSummary }) {
  if (kind === 'outcome') return <span className="quiet-text">Open the request to answer it</span>;
  return riskLevel === 'critical' ? (
    <span className="quiet-text">Reject only. Open the request to approve it.</span>
  ) : (
    <>Approve or reject</>
  );
}

function ResultText({ result }: { result: Result | undefined }) {
  const me = useMe();
  if (result === undefined) return <span className="quiet-text">Not decided</span>;
  switch (result.outcome) {
    case 'decided':
      return (
        <span className="ending" data-ending={result.approval?.status ?? 'APPROVED'}>
          {result.approval === undefined ? 'Decided' : statusWord(result.approval)}
        </span>
      );
    case 'already-closed':
      return result.approval === undefined ? (
        <>Already decided</>
      ) : (
        <>
          Already {statusWord(result.approval).toLowerCase()}{' '}
          <LiteralText>{endedBy(result.approval, me.name)}</LiteralText>
        </>
      );
    case 'not-found':
      return <>No longer exists</>;
    case 'refused':
      return <>{result.error ?? 'Refused'}</>;
  }
}

function summaryOf(results: readonly Result[]): string {
  const decided = results.filter(({ outcome }) => outcome === 'decided').length;
  const others = results.length - decided;
  return others === 0
    ? `Decided ${counted(decided, 'request')}.`
    : `Decided ${decided} of ${counted(results.length, 'request')}. The table shows the rest.`;
}
