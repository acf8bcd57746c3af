import type { ApprovalSummary, DecideManyAnswer } from '../../src/contract/reviewer-api.ts';
import { Requester } from '../approval/requester.tsx';
import { TimeToDecision } from '../decide/time-to-decision.tsx';
import { heldText } from '../decide/holds.ts';
import { useMe } from '../session/session.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { LongText } from '../ui/long-text.tsx';
import { RiskBadge } from '../ui/risk-badge.tsx';
import { endedBy, headline, statusWord, toolOf } from '../wording.ts';
import type { ArgumentColumn } from './argument-columns.ts';
import { BatchArguments, type BatchRecord, type OnReading } from './batch-arguments.tsx';

export type BatchResult = DecideManyAnswer['results'][number];

/** The requests of a batch with their arguments and, after the decision, the result of each. */
export function BatchTable({
  approvals,
  recordOf,
  columns,
  results,
  undone,
  onReading,
}: {
  approvals: readonly ApprovalSummary[];
  recordOf: ReadonlyMap<string, BatchRecord>;
  /** The arguments of like requests. Undefined: one column with the JSON of all. */
  columns: readonly ArgumentColumn[] | undefined;
  results: ReadonlyMap<string, BatchResult> | undefined;
  /** Held decisions that the user undid here. */
  undone: ReadonlySet<string>;
  onReading: OnReading;
}) {
  return (
    <div className="table-scroller" tabIndex={0} role="region" aria-label="Selected requests">
      <table className="table batch-table">
        <thead>
          <tr>
            <th scope="col">Request</th>
            {columns === undefined ? (
              <>
                <th scope="col">Action</th>
                <th scope="col">Arguments</th>
              </>
            ) : (
              columns.map(({ name }) => (
                <th key={name} scope="col">
                  <code>
                    <LiteralText edges>{name}</LiteralText>
                  </code>
                </th>
              ))
            )}
            <th scope="col">Risk</th>
            <th scope="col">Requested by</th>
            <th scope="col">{results === undefined ? 'Decision' : 'Result'}</th>
          </tr>
        </thead>
        <tbody>
          {approvals.map((approval) => (
            <tr key={approval.id}>
              <th scope="row">
                <LongText characters={240} lines={4}>
                  {headline(approval)}
                </LongText>
              </th>
              {columns === undefined && (
                <td>
                  <code>
                    <LiteralText>{toolOf(approval)}</LiteralText>
                  </code>
                </td>
              )}
              <BatchArguments record={recordOf.get(approval.id)} columns={columns} onReading={onReading} />
              <td>
                <RiskBadge level={approval.riskLevel} />
              </td>
              <td>
                <Requester approval={approval} />
              </td>
              <td>
                {results === undefined ? (
                  <Possible approval={approval} />
                ) : (
                  <ResultText result={results.get(approval.id)} isUndone={undone.has(approval.id)} />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Possible({ approval: { kind, riskLevel } }: { approval: ApprovalSummary }) {
  if (kind === 'outcome') return <span className="quiet-text">Open the request to answer it</span>;
  return riskLevel === 'critical' ? (
    <span className="quiet-text">Critical: open the request to decide it</span>
  ) : (
    <>Approve or reject</>
  );
}

function ResultText({ result, isUndone }: { result: BatchResult | undefined; isUndone: boolean }) {
  const me = useMe();
  if (result === undefined) return <span className="quiet-text">Not decided</span>;
  switch (result.outcome) {
    case 'voted':
      return <strong className="good-text">Your vote counts. It waits for others.</strong>;
    case 'decided':
      return (
        <span className="ending" data-ending={result.approval?.status ?? 'APPROVED'}>
          {result.approval === undefined ? 'Decided' : statusWord(result.approval)}
        </span>
      );
    case 'held':
      return isUndone ? <>Undone</> : <HeldResult result={result} />;
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

function HeldResult({ result }: { result: BatchResult }) {
  const me = useMe();
  const hold = result.approval?.holds.find(({ by }) => by === me.name);
  return hold === undefined ? (
    <>Held</>
  ) : (
    <>
      {heldText(hold, me.name)} <TimeToDecision hold={hold} />
    </>
  );
}
