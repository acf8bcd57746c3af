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

const MOST_AT_ONCE = 100;

/** All that would be decided as a table, one decision for them, and what came of each. */
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
  // A state would come one render late for the second of two quick presses.
  const isUnderWay = useRef(false);
  const decide = useMutation({
    mutationFn: async (decision: Decision) => {
      const results: Result[] = [];
      const ids = (decision === 'approve' ? approvable : rejectable).map(({ id }) => id);
      for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
        const answer = await request<DecideManyAnswer>('POST', '/approvals/decide', {
          ids: ids.slice(from, from + MOST_AT_ONCE),
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
      title={decide.data === undefined ? `Decide on ${counted(approvals.length, 'approval')}` : 'What came of each'}
      size="wide"
      isOpen
      onClose={onClose}
      isBusy={decide.isPending}
    >
      <div className="table-scroller" tabIndex={0} role="region" aria-label="The selected approvals">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What will happen</th>
              <th scope="col">Action</th>
              <th scope="col">Risk</th>
              <th scope="col">Asked by</th>
              <th scope="col">{decide.data === undefined ? 'Here' : 'Result'}</th>
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
        <Notice tone="bad">{problemText(decide.error)} Some may have been decided; the list shows which.</Notice>
      )}
      {decide.data === undefined ? (
        <>
          <Field
            label="Note for all of them"
            description="The assistants may read it."
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
  if (kind === 'outcome') return <span className="quiet-text">Open it: it has answers of its own</span>;
  return riskLevel === 'critical' ? (
    <span className="quiet-text">Reject only; to approve, open it</span>
  ) : (
    <>Approve or reject</>
  );
}

function ResultText({ result }: { result: Result | undefined }) {
  const me = useMe();
  if (result === undefined) return <span className="quiet-text">Left as it is</span>;
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
          Already: {statusWord(result.approval).toLowerCase()}{' '}
          <LiteralText>{endedBy(result.approval, me.name)}</LiteralText>
        </>
      );
    case 'not-found':
      return <>There is no such approval any more</>;
    case 'refused':
      return <>{result.error ?? 'Refused'}</>;
  }
}

function summaryOf(results: readonly Result[]): string {
  const decided = results.filter(({ outcome }) => outcome === 'decided').length;
  const others = results.length - decided;
  return `${counted(decided, 'approval')} decided by you${others === 0 ? '.' : `; ${others} not, as the table says.`}`;
}
