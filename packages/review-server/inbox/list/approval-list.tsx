import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import type { FilterSearch } from '../filters.ts';
import { ApprovalRow } from './approval-row.tsx';

/** The height of a row in rem, so that it grows with the text size. */
const rowHeightRem = 6.125;
const rowsAhead = 30;

type ApprovalListProps = {
  approvals: readonly ApprovalSummary[];
  openId: string | undefined;
  search: FilterSearch;
  /** The request that J or K opened. The focus follows. */
  walked: { to: string } | undefined;
  selected: ReadonlySet<string>;
  onToggle: ((id: string) => void) | undefined;
  /** The number of requests before the first of `approvals`. */
  skipped: number;
  /** Read the next and the previous page. Undefined when there is none, or while one loads. */
  onMore: (() => void) | undefined;
  onBack: (() => void) | undefined;
  /** The last of `approvals` is the end of the list. */
  isEnd: boolean;
  /** The rows belong to earlier filters. */
  isStale: boolean;
  /** More requests are loading. */
  isLooking: boolean;
};

/** A virtual list: renders the visible rows and a few around them. */
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
    () => rowHeightRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
  );
  const rows = useVirtualizer({
    count: approvals.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => approvals[index]!.id,
    overscan: 6,
  });
  useSteadyRows(approvals, skipped, rowHeight, scroller);

  const { startIndex, endIndex } = rows.range ?? { startIndex: rowsAhead, endIndex: 0 };
  useEffect(() => {
    if (endIndex + rowsAhead >= approvals.length) onMore?.();
    else if (startIndex < rowsAhead) onBack?.();
  });

  const openIndex = approvals.findIndex(({ id }) => id === openId);
  const scrolledTo = useRef<string>(undefined);
  useEffect(() => {
    // Only when another request is opened. Updates must not scroll the list.
    if (openIndex === -1 || scrolledTo.current === openId) return;
    scrolledTo.current = openId;
    rows.scrollToIndex(openIndex, { align: 'auto' });
  });
  useFocusAfterClose(openId, openIndex, scroller);
  const followed = useRef<typeof walked>(undefined);
  useEffect(() => {
    if (walked === undefined || walked.to !== openId || followed.current === walked) return;
    const row = scroller.current?.querySelector<HTMLElement>('[data-open=true] > .row-link');
    // The row may not be rendered until the list has scrolled. Then this runs again.
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
        {isLooking && 'Loading more…'}
      </p>
    </div>
  );
}

/** Moves the focus to the row of the closed request, unless another element has it. */
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

/** Keeps the scroll position when rows above are added or removed. */
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
    // At the very top new rows may appear.
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
