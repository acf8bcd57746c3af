import { useEffect, useMemo, type ReactNode } from 'react';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { shownDigest } from '../../src/contract/shown-digest.ts';
import { problemText } from '../api/request.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { needsReading, useReading } from '../approval/reading.ts';
import { FoldsContext } from '../ui/folds.ts';
import { LongText } from '../ui/long-text.tsx';
import { isUnusual, type ArgumentColumn } from './argument-columns.ts';

/** The record of a request: undefined for one that is decided on its own page. */
export type BatchRecord = { data: ReviewerApproval | undefined; error: Error | null } | undefined;

/** Takes the next step towards the end of a request's arguments. Undefined: they have been on the screen. */
export type OnReading = (id: string, readOn: (() => void) | undefined) => void;

type BatchArgumentsProps = {
  record: BatchRecord;
  /** One cell for each argument. Undefined: one cell with the JSON of all arguments. */
  columns: readonly ArgumentColumn[] | undefined;
  onReading: OnReading;
};

/** The cells with the arguments of a request that the batch decides. */
export function BatchArguments({ record, columns, onReading }: BatchArgumentsProps) {
  if (record?.data !== undefined)
    return <ReadArguments approval={record.data} columns={columns} onReading={onReading} />;
  const text =
    record === undefined ? 'On its own page' : record.error === null ? 'Loading…' : problemText(record.error);
  return (
    <td colSpan={columns?.length ?? 1}>
      <span className="quiet-text">{text}</span>
    </td>
  );
}

function ReadArguments({
  approval,
  columns,
  onReading,
}: Pick<BatchArgumentsProps, 'columns' | 'onReading'> & { approval: ReviewerApproval }) {
  const { id, details, riskLevel } = approval;
  const shown = useMemo(() => shownDigest(approval), [approval]);
  const { isRead, folds, endRef, readOn } = useReading(shown, needsReading(riskLevel));
  useEffect(() => onReading(id, isRead ? undefined : readOn));
  const end = <div ref={endRef} className="arguments-end" aria-hidden="true" />;
  if (columns === undefined)
    return (
      <FoldsContext value={folds}>
        <td>
          <pre className="batch-arguments">
            <LongText>{JSON.stringify(withoutReserved(details), null, 2)}</LongText>
          </pre>
          {end}
        </td>
      </FoldsContext>
    );
  return (
    <FoldsContext value={folds}>
      {columns.map((column, index) => (
        <ArgumentCell key={column.name} column={column} id={id}>
          {index === columns.length - 1 && end}
        </ArgumentCell>
      ))}
    </FoldsContext>
  );
}

function ArgumentCell({ column, id, children }: { column: ArgumentColumn; id: string; children: ReactNode }) {
  const value = column.values.get(id);
  const isOdd = isUnusual(column, id);
  return (
    <td className="batch-argument" data-name={column.name} data-unusual={isOdd}>
      {value === undefined ? (
        <span className="quiet-text">not given</span>
      ) : (
        <code>
          <LongText characters={200} lines={6} edges>
            {value}
          </LongText>
        </code>
      )}
      {isOdd && <span className="unusual-mark">differs</span>}
      {children}
    </td>
  );
}
