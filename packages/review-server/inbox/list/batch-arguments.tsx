import { useEffect, useMemo } from 'react';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { shownDigest } from '../../src/contract/shown-digest.ts';
import { problemText } from '../api/request.ts';
import { withoutReserved } from '@holdpoint/cheqpoint/wire-names';
import { needsReading, useReading } from '../approval/reading.ts';
import { FoldsContext } from '../ui/folds.ts';
import { LongText } from '../ui/long-text.tsx';

/** The record of a request: undefined for one that is decided on its own page. */
export type BatchRecord = { data: ReviewerApproval | undefined; error: Error | null } | undefined;

/** Takes the next step towards the end of a request's arguments. Undefined: they have been on the screen. */
export type OnReading = (id: string, readOn: (() => void) | undefined) => void;

/** The arguments of a request that the batch decides. */
export function BatchArguments({ record, onReading }: { record: BatchRecord; onReading: OnReading }) {
  if (record === undefined) return <span className="quiet-text">On its own page</span>;
  if (record.data !== undefined) return <ReadArguments approval={record.data} onReading={onReading} />;
  return <span className="quiet-text">{record.error === null ? 'Loading…' : problemText(record.error)}</span>;
}

function ReadArguments({ approval, onReading }: { approval: ReviewerApproval; onReading: OnReading }) {
  const { id, details, riskLevel } = approval;
  const shown = useMemo(() => shownDigest(approval), [approval]);
  const { isRead, folds, endRef, readOn } = useReading(shown, needsReading(riskLevel));
  useEffect(() => onReading(id, isRead ? undefined : readOn));
  return (
    <FoldsContext value={folds}>
      <pre className="batch-arguments">
        <LongText>{JSON.stringify(withoutReserved(details), null, 2)}</LongText>
      </pre>
      <div ref={endRef} className="arguments-end" aria-hidden="true" />
    </FoldsContext>
  );
}
