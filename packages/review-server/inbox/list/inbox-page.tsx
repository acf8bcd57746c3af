import { InboxIcon } from '@heroicons/react/24/outline';
import { useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { approvalQuery, approvalsQuery, countsQuery, isUnbroken, pageSize } from '../api/queries.ts';
import { expectShown } from '../decide/shown.ts';
import { toFilters } from '../filters.ts';
import { useMe } from '../session/session.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { textFieldOf } from '../shell/typing.ts';
import { needsYouText } from '../wording.ts';
import { ApprovalList } from './approval-list.tsx';
import { BatchBar } from './batch-bar.tsx';
import { BatchDialog } from './batch-dialog.tsx';
import { Boxes } from './boxes.tsx';
import { FilterBar } from './filter-bar.tsx';
import { InboxContext, type Inbox } from './inbox-context.ts';
import { ListState } from './list-state.tsx';
import { useListNavigation } from './use-list-navigation.ts';

const noIds: ReadonlySet<string> = new Set();

/** List and request side by side, or one of them on a narrow screen. */
export function InboxPage() {
  const search = useSearch({ from: '/signed-in/inbox' });
  const filters = toFilters(search);
  const { id: openId } = useParams({ strict: false });
  const navigate = useNavigate();
  const me = useMe();
  const list = useInfiniteQuery(approvalsQuery(filters));
  const approvals = useMemo(
    () => withoutDoubles(list.data?.pages.flatMap((page) => page.approvals) ?? []),
    [list.data],
  );
  const searchField = useRef<HTMLInputElement>(null);
  const [walked, setWalked] = useState<{ to: string }>();

  // Other filters start with an empty selection.
  const listKey = JSON.stringify(filters);
  const [selection, setSelection] = useState({ of: listKey, ids: noIds });
  const selected = selection.of === listKey ? selection.ids : noIds;
  const setSelected = (ids: ReadonlySet<string>) => setSelection({ of: listKey, ids });

  const open = (id: string) => void navigate({ to: '/approvals/$id', params: { id }, search });
  const navigation = useListNavigation({
    list,
    approvals,
    filters,
    openId,
    onTo: (id, isAtOnce) => {
      if (isAtOnce) expectShown(id);
      setWalked({ to: id });
      open(id);
    },
  });
  const readBack = async () => {
    const { data } = await list.fetchPreviousPage();
    if (data !== undefined && !isUnbroken(data)) await list.refetch();
  };
  const lastPage = list.data?.pages.at(-1);
  const isLooking =
    list.isFetchingNextPage ||
    (list.isFetching && !list.isPlaceholderData && list.hasNextPage && lastPage!.approvals.length < pageSize);
  const inbox: Inbox = {
    search,
    walkedTo: walked?.to,
    next: navigation.next,
    move: navigation.move,
    close: () => void navigate({ to: '/', search }),
  };
  const unselect = (ids: readonly string[]) =>
    setSelected(new Set([...selected].filter((each) => !ids.includes(each))));
  const toggle = (id: string) => (selected.has(id) ? unselect([id]) : setSelected(new Set([...selected, id])));
  const canDecide = me.may('reviewer') && filters.box !== 'done';

  useShortcuts({
    j: () => inbox.move(1),
    k: () => inbox.move(-1),
    '/': () => searchField.current?.focus(),
    x: canDecide && openId !== undefined ? () => toggle(openId) : undefined,
    Escape: () => {
      const field = textFieldOf(document.activeElement);
      if (field !== undefined) focusAround(field);
      else if (selected.size > 0) setSelected(noIds);
      else if (openId !== undefined) inbox.close();
    },
  });
  useTitleOfBox(openId === undefined);

  const chosen = useChosen(approvals, selected);
  // The requests when the dialog opened. Decided ones leave the list while the dialog shows their results.
  const [batch, setBatch] = useState<readonly ApprovalSummary[]>();
  return (
    <InboxContext value={inbox}>
      <div className="inbox" data-open={openId !== undefined}>
        <section className="list-pane" aria-label="Requests" tabIndex={-1}>
          <Boxes filters={filters} />
          <FilterBar filters={filters} searchField={searchField} />
          <ListState list={list} isEmpty={approvals.length === 0} filters={filters} />
          <ApprovalList
            key={listKey}
            approvals={approvals}
            openId={openId}
            search={search}
            walked={walked}
            selected={selected}
            onToggle={canDecide ? toggle : undefined}
            skipped={list.data?.pages[0]?.skipped ?? 0}
            isEnd={!list.hasNextPage}
            isStale={list.isPlaceholderData}
            isLooking={isLooking}
            onMore={list.hasNextPage && !list.isFetching ? () => void list.fetchNextPage() : undefined}
            onBack={list.hasPreviousPage && !list.isFetching ? () => void readBack() : undefined}
          />
          {chosen.length > 0 && (
            <BatchBar count={chosen.length} onClear={() => setSelected(noIds)} onReview={() => setBatch(chosen)} />
          )}
          {batch !== undefined && (
            <BatchDialog approvals={batch} onDecided={unselect} onClose={() => setBatch(undefined)} />
          )}
        </section>
        <main id="main" className="detail-pane" tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </InboxContext>
  );
}

/** The pane beside the list while no request is open. */
export function NothingOpen() {
  const { data: counts } = useQuery(countsQuery);
  return (
    <div className="nothing-open">
      <InboxIcon aria-hidden="true" />
      <h1>{counts === undefined ? 'Inbox' : needsYouText(counts.needsYou)}</h1>
      <p>
        {counts?.needsYou === 0 ? (
          'New requests appear here.'
        ) : (
          <>
            Select a request, or press <kbd>J</kbd>.
          </>
        )}
      </p>
    </div>
  );
}

/** Moves the focus from a field to the group around it, such as “Your decision”. */
function focusAround(field: Element): void {
  (field as HTMLElement).blur();
  field.parentElement?.closest<HTMLElement>('[tabindex="-1"]')?.focus({ preventScroll: true });
}

function withoutDoubles(approvals: readonly ApprovalSummary[]): ApprovalSummary[] {
  // A request may have moved from one page to the next between two calls.
  return [...new Map(approvals.map((approval) => [approval.id, approval])).values()];
}

/** The selected requests that are still pending, including those outside the loaded pages. */
function useChosen(approvals: readonly ApprovalSummary[], selected: ReadonlySet<string>): ApprovalSummary[] {
  const listed = new Map(approvals.filter(({ id }) => selected.has(id)).map((approval) => [approval.id, approval]));
  const elsewhere = useQueries({
    queries: [...selected].filter((id) => !listed.has(id)).map((id) => approvalQuery(id)),
  });
  return [...listed.values(), ...elsewhere.flatMap(({ data }) => data ?? [])].filter(
    ({ status }) => status === 'PENDING',
  );
}

function useTitleOfBox(isShown: boolean): void {
  const { data: counts } = useQuery(countsQuery);
  useEffect(() => {
    if (isShown) document.title = `${counts?.needsYou ? `(${counts.needsYou}) ` : ''}Needs you · Holdpoint`;
  }, [counts, isShown]);
}
