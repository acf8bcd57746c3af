import { useQueryClient, type UseInfiniteQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { approvalsQuery, type ApprovalPages, type Place } from '../api/queries.ts';
import type { Filters } from '../filters.ts';
import type { Inbox } from './inbox-context.ts';

/** Where the open approval was last seen in a list: how many are before it, and its page. */
interface Stand {
  of: string;
  number: number;
  page: Place;
}

interface Walk {
  list: UseInfiniteQueryResult<ApprovalPages>;
  approvals: readonly ApprovalSummary[];
  filters: Filters;
  openId: string | undefined;
  /** `isAtOnce`: the key went down just now. */
  onTo: (id: string, isAtOnce: boolean) => void;
}

/** The way from the open approval to its neighbours, also when it has left the list, or the list was scrolled far away from it. */
export function useWalk({ list, approvals, filters, openId, onTo }: Walk): Pick<Inbox, 'next' | 'move'> {
  const client = useQueryClient();
  const of = JSON.stringify(filters);
  const skipped = list.data?.pages[0]?.skipped ?? 0;
  const found = openId === undefined ? -1 : approvals.findIndex(({ id }) => id === openId);

  const [last, setLast] = useState<Stand>();
  let stand = openId !== undefined && last?.of === of ? last : undefined;
  if (found !== -1 && list.data !== undefined && !list.isPlaceholderData) {
    const page =
      list.data.pageParams[list.data.pages.findIndex((each) => each.approvals.some(({ id }) => id === openId))]!;
    if (stand?.number !== skipped + found || stand.page.cursor !== page.cursor)
      stand = { of, number: skipped + found, page };
  }
  if (stand !== last) setLast(stand);

  /** Reads the list around where the open one stood, in place of where somebody scrolled to. */
  const readAround = async ({ page }: Stand) => {
    client.setQueryData(
      approvalsQuery(filters).queryKey,
      (known) => known && { ...known, pageParams: [page.before ?? page, ...known.pageParams.slice(1)] },
    );
    const { data } = await list.refetch();
    return { rows: data?.pages.flatMap((each) => each.approvals) ?? [], skipped: data?.pages[0]?.skipped ?? 0 };
  };
  const step = (rows: readonly ApprovalSummary[], before: number, by: 1 | -1, isAtOnce: boolean) => {
    const index = rows.findIndex(({ id }) => id === openId);
    // An approval that left the list has its old place taken by the next one.
    const wanted = index !== -1 ? index + by : stand === undefined ? 0 : stand.number - before - (by === 1 ? 0 : 1);
    const target = rows[Math.max(0, Math.min(wanted, rows.length - 1))];
    if (target !== undefined) onTo(target.id, isAtOnce);
  };
  const isFarAway =
    found === -1 &&
    stand !== undefined &&
    (stand.number < skipped || (stand.number >= skipped + approvals.length && list.hasNextPage));
  return {
    next: found !== -1 ? approvals[found + 1] : stand === undefined ? undefined : approvals[stand.number - skipped],
    move: (by) => {
      if (isFarAway && stand !== undefined)
        void readAround(stand).then((around) => step(around.rows, around.skipped, by, false));
      else step(approvals, skipped, by, true);
    },
  };
}
