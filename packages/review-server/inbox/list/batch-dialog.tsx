import { useMutation, useQueries, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { PressEvent } from 'react-aria-components';
import type { ApprovalSummary, DecideManyAnswer, ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { shownDigest } from '../../src/contract/shown-digest.ts';
import { recordQuery } from '../api/records.ts';
import { problemText, request } from '../api/request.ts';
import { handOf } from '../decide/answer.ts';
import { useUndo } from '../decide/undo.ts';
import { needsReading } from '../approval/reading.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { counted } from '../wording.ts';
import { argumentColumns, type ArgumentColumn } from './argument-columns.ts';
import { BatchTable, type BatchResult as Result } from './batch-table.tsx';

type Decision = 'approve' | 'reject';

const mostAtOnce = 100;
/** More arguments than this are one cell with JSON. */
const mostColumns = 8;

/**
 * A table of the selected requests with their arguments, one decision for all of them, and afterwards the result of
 * each.
 */
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
  const decidable = approvals.filter(({ kind, riskLevel }) => kind === 'call' && riskLevel !== 'critical');
  const records = useQueries({ queries: decidable.map(({ id }) => recordQuery(id)) });
  const recordOf = new Map(decidable.map(({ id }, index) => [id, records[index]!]));
  const columns = columnsOf(
    records.flatMap(({ data }) => data ?? []),
    decidable,
  );
  const isLoaded = records.every(({ data }) => data !== undefined);
  // By id: the next step of a request whose arguments have not been on the screen.
  const readers = useRef(new Map<string, () => void>());
  const [unread, setUnread] = useState<ReadonlySet<string>>(
    () => new Set(decidable.filter(({ riskLevel }) => needsReading(riskLevel)).map(({ id }) => id)),
  );
  const onReading = (id: string, readOn: (() => void) | undefined) => {
    if (readOn === undefined) readers.current.delete(id);
    else readers.current.set(id, readOn);
    if (unread.has(id) !== (readOn !== undefined))
      setUnread((ids) =>
        readOn === undefined ? new Set([...ids].filter((each) => each !== id)) : new Set([...ids, id]),
      );
  };
  const showNextUnread = () =>
    decidable.map(({ id }) => readers.current.get(id)).find((each) => each !== undefined)?.();
  // A ref, since a state would be one render late for a quick second press.
  const isUnderWay = useRef(false);
  const decide = useMutation({
    mutationFn: async ({ decision, held }: { decision: Decision; held: boolean }) => {
      const results: Result[] = [];
      const read = records.flatMap(({ data }) => data ?? []);
      for (let from = 0; from < read.length; from += mostAtOnce) {
        const part = read.slice(from, from + mostAtOnce);
        const answer = await request<DecideManyAnswer>('POST', '/approvals/decide', {
          ids: part.map(({ id }) => id),
          shown: Object.fromEntries(part.map((approval) => [approval.id, shownDigest(approval)])),
          decision,
          held,
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
  const decideOnce = (decision: Decision, event: PressEvent) => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    decide.mutate({ decision, held: handOf(event) === 'key' });
  };
  const undo = useUndo();
  const held = decide.data?.results.filter(({ outcome }) => outcome === 'held').map(({ id }) => id) ?? [];
  return (
    <Dialog
      title={decide.data === undefined ? `Decide ${counted(approvals.length, 'request')}` : 'Results'}
      size="wide"
      isOpen
      onClose={onClose}
      isBusy={decide.isPending}
    >
      <BatchTable
        approvals={approvals}
        recordOf={recordOf}
        columns={columns}
        results={decide.data && new Map(decide.data.results.map((result) => [result.id, result]))}
        undone={new Set(undo.data?.results.filter(({ outcome }) => outcome === 'undone').map(({ id }) => id))}
        onReading={onReading}
      />
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
          <div className="answers-unread" data-read={unread.size === 0} tabIndex={-1}>
            <p role="status">
              {isLoaded &&
                unread.size > 0 &&
                `Approve is off until all arguments of ${counted(unread.size, 'more high-risk request')} have been on the screen.`}
            </p>
            {isLoaded && unread.size > 0 && (
              <Button size="small" onPress={showNextUnread}>
                Show more arguments
              </Button>
            )}
          </div>
          <div className="dialog-actions">
            <Button onPress={onClose} isDisabled={decide.isPending}>
              Cancel
            </Button>
            <Button
              look="reject"
              isDisabled={decidable.length === 0 || !isLoaded || decide.isPending}
              isPending={decide.isPending && decide.variables.decision === 'reject'}
              onPress={(event) => decideOnce('reject', event)}
            >{`Reject ${decidable.length}`}</Button>
            <Button
              look="approve"
              isDisabled={decidable.length === 0 || !isLoaded || unread.size > 0 || decide.isPending}
              isPending={decide.isPending && decide.variables.decision === 'approve'}
              onPress={(event) => decideOnce('approve', event)}
            >{`Approve ${decidable.length}`}</Button>
          </div>
        </>
      ) : (
        <>
          <Notice tone={decide.data.results.every(({ outcome }) => outcome === 'decided') ? 'good' : 'info'}>
            {summaryOf(decide.data.results)}
          </Notice>
          <div className="dialog-actions">
            {held.length > 0 && undo.data === undefined && (
              <Button isPending={undo.isPending} onPress={() => undo.mutate(held)}>{`Undo ${held.length}`}</Button>
            )}
            <Button look="primary" autoFocus onPress={onClose}>
              Done
            </Button>
          </div>
        </>
      )}
    </Dialog>
  );
}

/** Like requests have a column for each argument. */
function columnsOf(
  records: readonly ReviewerApproval[],
  [first, ...others]: readonly ApprovalSummary[],
): ArgumentColumn[] | undefined {
  const areAlike =
    others.length > 0 &&
    others.every(({ assistant, action }) => assistant === first!.assistant && action === first!.action);
  if (!areAlike) return undefined;
  const columns = argumentColumns(records);
  return columns.length === 0 || columns.length > mostColumns ? undefined : columns;
}

function summaryOf(results: readonly Result[]): string {
  const decided = results.filter(({ outcome }) => outcome === 'decided').length;
  const held = results.filter(({ outcome }) => outcome === 'held').length;
  if (held > 0) return `${counted(held, 'decision is', 'decisions are')} held, so that you can undo them.`;
  const others = results.length - decided;
  return others === 0
    ? `Decided ${counted(decided, 'request')}.`
    : `Decided ${decided} of ${counted(results.length, 'request')}. The table shows the rest.`;
}
