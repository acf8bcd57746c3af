import { InboxIcon } from '@heroicons/react/24/outline';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { approvalsQuery, countsQuery, isUnbroken, pageSize, type ApprovalPages } from '../api/queries.ts';
import { useRecords } from '../api/records.ts';
import { expectShown } from '../decide/shown.ts';
import { isOpenBox, toFilters } from '../filters.ts';
import { useMySettings } from '../session/my-settings.ts';
import { useMe } from '../session/session.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { textFieldOf } from '../shell/typing.ts';
import { lazyPart, useIdleLoading } from '../ui/lazy-part.tsx';
import { needsYouText } from '../wording.ts';
import { ApprovalList } from './approval-list.tsx';
import { Boxes } from './boxes.tsx';
import { FilterBar } from './filter-bar.tsx';
import { InboxContext, type Inbox } from './inbox-context.ts';
import { LastDecision, useAdvance } from './advance.tsx';
import { useListChoice } from './list-choice.ts';
import { groupLike, toEntries } from './list-entries.ts';
import { ListState } from './list-state.tsx';
import { useSelectAll } from './select-all.ts';
import { useListNavigation } from './use-list-navigation.ts';
import { useSelection, type ListSelection } from './use-selection.ts';

const BatchBar = lazyPart(async () => (await import('./batch-bar.tsx')).BatchBar);
const BatchDialog = lazyPart(async () => (await import('./batch-dialog.tsx')).BatchDialog, {
  close: ({ onClose }) => onClose(),
});

/** List and request side by side, or one of them on a narrow screen. */
export function InboxPage() {
  const search = useSearch({ from: '/signed-in/inbox' });
  const lastChoice = useListChoice();
  const filters = toFilters(search, lastChoice.sort);
  const isGrouped = isOpenBox(filters.box) && (search.group ?? lastChoice.group) === 'like';
  const { id: openId } = useParams({ strict: false });
  const navigate = useNavigate();
  const me = useMe();
  const { autoAdvance = false } = useMySettings();
  const list = useInfiniteQuery(approvalsQuery(filters));
  const groups = useGroups(list.data, isGrouped);
  const approvals = useMemo(() => groups.flat(), [groups]);
  const [openGroups, setOpenGroups] = useState<ReadonlySet<string>>(new Set());
  const entries = useMemo(() => toEntries(groups, openGroups, openId), [groups, openGroups, openId]);
  const searchField = useRef<HTMLInputElement>(null);
  const [walked, setWalked] = useState<{ to: string }>();

  // Other filters start with an empty selection.
  const listKey = JSON.stringify(filters);
  const selection = useSelection(listKey, approvals);
  const { selectAll, isReading, error } = useSelectAll(filters, selection.replace);

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
  const advance = useAdvance({ isOn: autoAdvance, approvals, openId, me: me.name, open });
  const inbox: Inbox = {
    search,
    walkedTo: walked?.to,
    next: navigation.next,
    move: navigation.move,
    close: () => void navigate({ to: '/', search }),
    onDecided: (id) => {
      setWalked(undefined);
      advance.onDecided(id);
    },
  };
  const canDecide = me.may('reviewer') && filters.box !== 'done';
  const step = (by: 1 | -1, isExtending: boolean) => {
    const to = approvals[approvals.findIndex(({ id }) => id === openId) + by];
    if (isExtending && canDecide && openId !== undefined && to !== undefined) selection.extend(openId, to.id);
    inbox.move(by);
  };

  const chosen = useChosen(approvals, selection);
  // The requests when the dialog opened. Decided ones leave the list while the dialog shows their results.
  const [batch, setBatch] = useState<readonly ApprovalSummary[]>();
  const group = entries.find((entry) => entry.kind === 'group' && entry.members.some(({ id }) => id === openId));
  useShortcuts({
    j: ({ shiftKey }) => step(1, shiftKey),
    k: ({ shiftKey }) => step(-1, shiftKey),
    '/': () => searchField.current?.focus(),
    x: canDecide
      ? ({ shiftKey }) => {
          if (shiftKey) selectAll();
          else if (openId !== undefined) selection.toggle(openId);
        }
      : undefined,
    b: canDecide && chosen.length > 0 ? () => setBatch(chosen) : undefined,
    g: canDecide && group?.kind === 'group' ? () => setBatch(group.members) : undefined,
    Escape: () => {
      const field = textFieldOf(document.activeElement);
      if (field !== undefined) focusAround(field);
      else if (selection.ids.size > 0) selection.clear();
      else if (openId !== undefined) inbox.close();
    },
  });
  useTitleOfBox(openId === undefined);
  // The list is on the screen first.
  useIdleLoading(!list.isPending);
  return (
    <InboxContext value={inbox}>
      <div className="inbox" data-open={openId !== undefined}>
        <section className="list-pane" aria-label="Requests" tabIndex={-1}>
          <Boxes filters={filters} search={search} />
          <FilterBar filters={filters} isGrouped={isGrouped} searchField={searchField} />
          <ListState list={list} isEmpty={approvals.length === 0} filters={filters} />
          <ApprovalList
            key={listKey}
            entries={entries}
            openId={openId}
            search={search}
            walked={walked}
            selected={selection.ids}
            onToggle={canDecide ? selection.toggle : undefined}
            onSelect={canDecide ? selection.set : undefined}
            onOpenGroup={(key, isOpen) =>
              setOpenGroups((keys) => new Set(isOpen ? [...keys, key] : [...keys].filter((each) => each !== key)))
            }
            onReview={canDecide ? ({ members }) => setBatch(members) : undefined}
            skipped={list.data?.pages[0]?.skipped ?? 0}
            isEnd={!list.hasNextPage}
            isStale={list.isPlaceholderData}
            isLooking={isLooking}
            onMore={list.hasNextPage && !list.isFetching ? () => void list.fetchNextPage() : undefined}
            onBack={list.hasPreviousPage && !list.isFetching ? () => void readBack() : undefined}
          />
          <LastDecision decided={advance.decided} search={search} />
          {(chosen.length > 0 || isReading || error !== null) && (
            <BatchBar
              count={chosen.length}
              isReading={isReading}
              error={error}
              onAll={selectAll}
              onClear={selection.clear}
              onReview={() => setBatch(chosen)}
            />
          )}
          {batch !== undefined && (
            <BatchDialog
              approvals={batch}
              onDecided={(ids) => selection.set(ids, false)}
              onClose={() => setBatch(undefined)}
            />
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

/** The loaded requests, each alone or with like ones. */
function useGroups(pages: ApprovalPages | undefined, isGrouped: boolean): ApprovalSummary[][] {
  return useMemo(() => {
    const loaded = withoutDoubles(pages?.pages.flatMap((page) => page.approvals) ?? []);
    return isGrouped ? groupLike(loaded) : loaded.map((approval) => [approval]);
  }, [pages, isGrouped]);
}

function withoutDoubles(approvals: readonly ApprovalSummary[]): ApprovalSummary[] {
  // A request may have moved from one page to the next between two calls.
  return [...new Map(approvals.map((approval) => [approval.id, approval])).values()];
}

/** The selected requests that are still pending, including those outside the loaded pages. */
function useChosen(approvals: readonly ApprovalSummary[], { ids, known }: ListSelection): ApprovalSummary[] {
  const found = new Map([...known, ...approvals].filter(({ id }) => ids.has(id)).map((each) => [each.id, each]));
  const elsewhere = useRecords([...ids].filter((id) => !found.has(id)));
  return [...found.values(), ...elsewhere].filter(({ status }) => status === 'PENDING');
}

function useTitleOfBox(isShown: boolean): void {
  const { data: counts } = useQuery(countsQuery);
  useEffect(() => {
    if (isShown) document.title = `${counts?.needsYou ? `(${counts.needsYou}) ` : ''}Needs you · Holdpoint`;
  }, [counts, isShown]);
}
