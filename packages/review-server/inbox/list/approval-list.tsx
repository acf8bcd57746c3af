import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { FilterSearch } from '../filters.ts';
import { ApprovalRow, type OnToggle } from './approval-row.tsx';
import { lazyPart } from '../ui/lazy-part.tsx';
import type { GroupEntry, ListEntry } from './list-entries.ts';
import { useRowWindow } from './use-row-window.ts';

const GroupRow = lazyPart(async () => (await import('./group-row.tsx')).GroupRow, {
  placeholder: <div className="row row-group" />,
});

/** The height of a row in rem, so that it grows with the text size. */
const rowHeightRem = 3.2;
const rowsAhead = 30;

type ApprovalListProps = {
  entries: readonly ListEntry[];
  openId: string | undefined;
  search: FilterSearch;
  /** The request that J or K opened. The focus follows. */
  walked: { to: string } | undefined;
  selected: ReadonlySet<string>;
  onToggle: OnToggle | undefined;
  onSelect: ((ids: readonly string[], isSelected: boolean) => void) | undefined;
  onOpenGroup: (key: string, isOpen: boolean) => void;
  onReview: ((group: GroupEntry) => void) | undefined;
  /** The number of requests before the first of `entries`. */
  skipped: number;
  /** Read the next and the previous page. Undefined when there is none, or while one loads. */
  onMore: (() => void) | undefined;
  onBack: (() => void) | undefined;
  /** The last of `entries` is the end of the list. */
  isEnd: boolean;
  /** The rows belong to earlier filters. */
  isStale: boolean;
  /** More requests are loading. */
  isLooking: boolean;
};

/** A virtual list: renders the visible rows and a few around them. */
export function ApprovalList({
  entries,
  openId,
  search,
  walked,
  selected,
  onToggle,
  onSelect,
  onOpenGroup,
  onReview,
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
  const { visible, rendered, scrollTo } = useRowWindow({ count: entries.length, rowHeight, scroller });
  useSteadyRows(entries, skipped, rowHeight, scroller);

  useEffect(() => {
    if (visible === undefined || visible.last + rowsAhead >= entries.length) onMore?.();
    else if (visible.first < rowsAhead) onBack?.();
  });

  const openIndex = entries.findIndex(({ key }) => key === openId);
  const scrolledTo = useRef<string>(undefined);
  useEffect(() => {
    // Only when another request is opened. Updates must not scroll the list.
    if (openIndex === -1 || scrolledTo.current === openId) return;
    scrolledTo.current = openId;
    scrollTo(openIndex);
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
      <ol className="rows" style={{ height: entries.length * rowHeight }} aria-busy={isStale}>
        {rendered.map((index) => {
          const entry = entries[index]!;
          return (
            <li
              key={entry.key}
              data-index={index}
              style={{ height: rowHeight, transform: `translateY(${index * rowHeight}px)` }}
              aria-posinset={skipped + index + 1}
              aria-setsize={isEnd ? skipped + entries.length : -1}
            >
              {entry.kind === 'group' ? (
                <GroupRow
                  group={entry}
                  selected={selected}
                  onSelect={onSelect}
                  onOpen={(isOpen) => onOpenGroup(entry.key, isOpen)}
                  onReview={onReview && (() => onReview(entry))}
                />
              ) : (
                <ApprovalRow
                  approval={entry.approval}
                  search={search}
                  isOpen={entry.key === openId}
                  isSelected={selected.has(entry.key)}
                  isInGroup={entry.isInGroup}
                  onToggle={entry.approval.status === 'PENDING' ? onToggle : undefined}
                />
              )}
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
  entries: readonly ListEntry[],
  skipped: number,
  rowHeight: number,
  scroller: RefObject<HTMLDivElement | null>,
): void {
  const before = useRef({ entries, skipped });
  useLayoutEffect(() => {
    const { entries: previous, skipped: skippedBefore } = before.current;
    before.current = { entries, skipped };
    const element = scroller.current;
    if (element === null || previous === entries) return;
    // At the very top new rows may appear.
    if (skippedBefore === 0 && element.scrollTop < rowHeight) return;
    const places = new Map(entries.map(({ key }, index) => [key, index]));
    for (let index = Math.floor(element.scrollTop / rowHeight); index < previous.length; index += 1) {
      const now = places.get(previous[index]!.key);
      if (now === undefined) continue;
      element.scrollBy({ top: (now - index) * rowHeight, behavior: 'instant' });
      return;
    }
  }, [entries, skipped, rowHeight, scroller]);
}
