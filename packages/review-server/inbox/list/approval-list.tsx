import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import type { FilterSearch } from '../filters.ts';
import { ApprovalRow } from './approval-row.tsx';

/** Of a row, in units of the text's size, so that large text has room. */
const ROW_HEIGHT_REM = 6.125;
const ROWS_AHEAD = 30;

interface ApprovalListProps {
  approvals: readonly ApprovalSummary[];
  openId: string | undefined;
  search: FilterSearch;
  /** Where J or K led; the focus follows. */
  walked: { to: string } | undefined;
  selected: ReadonlySet<string>;
  onToggle: ((id: string) => void) | undefined;
  /** How many are before the first of these. */
  skipped: number;
  /** Reads what comes behind them, or before; nothing where there is nothing, or while it is under way. */
  onMore: (() => void) | undefined;
  onBack: (() => void) | undefined;
  /** Nothing comes behind them. */
  isEnd: boolean;
  /** What is shown answers an earlier question. */
  isStale: boolean;
  /** More is being looked for behind them. */
  isLooking: boolean;
}

/** The rows on the screen and a few around them, out of any number. */
export function ApprovalList({
  approvals,
  openId,
  search,
  walked,
  selected,
  onToggle,
  skipped,
  onMore,
  onBack,
  isEnd,
  isStale,
  isLooking,
}: ApprovalListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [rowHeight] = useState(
    () => ROW_HEIGHT_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  );
  const rows = useVirtualizer({
    count: approvals.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => approvals[index]!.id,
    overscan: 6,
  });
  useSteadyRows(approvals, skipped, rowHeight, scroller);

  const { startIndex, endIndex } = rows.range ?? { startIndex: ROWS_AHEAD, endIndex: 0 };
  useEffect(() => {
    if (endIndex + ROWS_AHEAD >= approvals.length) onMore?.();
    else if (startIndex < ROWS_AHEAD) onBack?.();
  });

  const openIndex = approvals.findIndex(({ id }) => id === openId);
  const scrolledTo = useRef<string>(undefined);
  useEffect(() => {
    // Only when another one is opened: news must not move what somebody scrolled.
    if (openIndex === -1 || scrolledTo.current === openId) return;
    scrolledTo.current = openId;
    rows.scrollToIndex(openIndex, { align: 'auto' });
  });
  useFocusAfterClose(openId, openIndex, scroller);
  const followed = useRef<typeof walked>(undefined);
  useEffect(() => {
    if (walked === undefined || walked.to !== openId || followed.current === walked) return;
    const row = scroller.current?.querySelector<HTMLElement>('[data-open=true] > .row-link');
    // It may have to be scrolled to first; then this runs again.
    if (row === null || row === undefined) return;
    followed.current = walked;
    row.focus({ preventScroll: true });
  });

  return (
    <div ref={scroller} className="list-scroller" data-stale={isStale} tabIndex={-1}>
      <ol className="rows" style={{ height: rows.getTotalSize() }} aria-busy={isStale}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const approval = approvals[index]!;
          return (
            <li
              key={key}
              data-index={index}
              style={{ height: rowHeight, transform: `translateY(${start}px)` }}
              aria-posinset={skipped + index + 1}
              aria-setsize={isEnd ? skipped + approvals.length : -1}
            >
              <ApprovalRow
                approval={approval}
                search={search}
                isOpen={approval.id === openId}
                isSelected={selected.has(approval.id)}
                onToggle={approval.status === 'PENDING' ? onToggle : undefined}
              />
            </li>
          );
        })}
      </ol>
      <p className="list-looking" role="status">
        {isLooking && 'Looking further …'}
      </p>
    </div>
  );
}

/** After the open approval was closed, its row has the focus, unless something else has. */
function useFocusAfterClose(
  openId: string | undefined,
  openIndex: number,
  scroller: RefObject<HTMLDivElement | null>,
): void {
  const before = useRef<number>(undefined);
  useEffect(() => {
    const index = before.current;
    before.current = openId === undefined ? undefined : openIndex;
    if (openId !== undefined || index === undefined || document.activeElement !== document.body) return;
    scroller.current?.querySelector<HTMLElement>(`[data-index='${index}'] .row-link`)?.focus();
  }, [openId, openIndex, scroller]);
}

/** When rows come or go above what is on the screen, the screen stays where it is. */
function useSteadyRows(
  approvals: readonly ApprovalSummary[],
  skipped: number,
  rowHeight: number,
  scroller: RefObject<HTMLDivElement | null>,
): void {
  const before = useRef({ approvals, skipped });
  useLayoutEffect(() => {
    const { approvals: previous, skipped: skippedBefore } = before.current;
    before.current = { approvals, skipped };
    const element = scroller.current;
    if (element === null || previous === approvals) return;
    // At the very top new rows may come into sight.
    if (skippedBefore === 0 && element.scrollTop < rowHeight) return;
    const places = new Map(approvals.map(({ id }, index) => [id, index]));
    for (let index = Math.floor(element.scrollTop / rowHeight); index < previous.length; index += 1) {
      const now = places.get(previous[index]!.id);
      if (now === undefined) continue;
      element.scrollBy({ top: (now - index) * rowHeight, behavior: 'instant' });
      return;
    }
  }, [approvals, skipped, rowHeight, scroller]);
}
