import { useQueryClient, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { approvalsQuery, type ApprovalPages, type Place } from '../api/queries.ts';
import type { Filters } from '../filters.ts';
import type { Inbox } from './inbox-context.ts';

/** The last position of the open request in a list: the number of requests before it, and its page. */
type Position = {
  of: string;
  number: number;
  page: Place;
};

type ListNavigation = {
  list: UseInfiniteQueryResult<ApprovalPages>;
  approvals: readonly ApprovalSummary[];
  filters: Filters;
  openId: string | undefined;
  /** `isAtOnce`: false when the list had to be read first. */
  onTo: (id: string, isAtOnce: boolean) => void;
};

/** Moves from the open request to its neighbours, even when it has left the list or is outside the loaded pages. */
export function useListNavigation({
  list,
  approvals,
  filters,
  openId,
  onTo,
}: ListNavigation): Pick<Inbox, 'next' | 'move'> {
  const client = useQueryClient();
  const of = JSON.stringify(filters);
  const skipped = list.data?.pages[0]?.skipped ?? 0;
  const found = openId === undefined ? -1 : approvals.findIndex(({ id }) => id === openId);

  const [last, setLast] = useState<Position>();
  let position = openId !== undefined && last?.of === of ? last : undefined;
  if (found !== -1 && list.data !== undefined && !list.isPlaceholderData) {
    const page =
      list.data.pageParams[list.data.pages.findIndex((each) => each.approvals.some(({ id }) => id === openId))]!;
    if (position?.number !== skipped + found || position.page.cursor !== page.cursor)
      position = { of, number: skipped + found, page };
  }
  if (position !== last) setLast(position);

  /** Replaces the loaded pages by those around the open request. */
  const readAround = async ({ page }: Position) => {
    client.setQueryData(
      approvalsQuery(filters).queryKey,
      (known) => known && { ...known, pageParams: [page.before ?? page, ...known.pageParams.slice(1)] },
    );
    const { data } = await list.refetch();
    return { rows: data?.pages.flatMap((each) => each.approvals) ?? [], skipped: data?.pages[0]?.skipped ?? 0 };
  };
  const step = (rows: readonly ApprovalSummary[], before: number, by: 1 | -1, isAtOnce: boolean) => {
    const index = rows.findIndex(({ id }) => id === openId);
    // The next request has taken the place of one that left the list.
    const wanted =
      index !== -1 ? index + by : position === undefined ? 0 : position.number - before - (by === 1 ? 0 : 1);
    const target = rows[Math.max(0, Math.min(wanted, rows.length - 1))];
    if (target !== undefined) onTo(target.id, isAtOnce);
  };
  const isFarAway =
    found === -1 &&
    position !== undefined &&
    (position.number < skipped || (position.number >= skipped + approvals.length && list.hasNextPage));
  return {
    next:
      found !== -1 ? approvals[found + 1] : position === undefined ? undefined : approvals[position.number - skipped],
    move: (by) => {
      if (isFarAway && position !== undefined)
        void readAround(position).then((around) => step(around.rows, around.skipped, by, false));
      else step(approvals, skipped, by, true);
    },
  };
}
