import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ApprovalList, Counts, Facets, ReviewerApproval, Session, SessionList } from '../../../../schemas/reviewer-api.ts';
import type { Filters } from '../filters.ts';
import { request, RequestProblem } from './request.ts';

const PAGE_SIZE = 200;
/** So many are kept of a list that somebody scrolls through; news has to be read into all of them. */
const MOST_PAGES = 5;

/** A page of a list: where it begins, the one before it, and how many are before that. */
interface Place {
  cursor: string | null;
  before: Place | undefined;
  index: number;
}

const FIRST_PLACE: Place = { cursor: null, before: undefined, index: 0 };

/** Who is signed in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: (): Promise<Session | null> => request<Session>('GET', '/session').catch((error: unknown) => {
    if (error instanceof RequestProblem && error.status === 401) return null;
    throw error;
  }),
  staleTime: Infinity,
});

/** Where one is signed in. */
export const sessionsQuery = queryOptions({ queryKey: ['sessions'], queryFn: () => request<SessionList>('GET', '/sessions'), staleTime: 0 });

export const countsQuery = queryOptions({ queryKey: ['counts'], queryFn: () => request<Counts>('GET', '/counts') });

export const facetsQuery = queryOptions({ queryKey: ['facets'], queryFn: () => request<Facets>('GET', '/facets'), staleTime: 60_000 });

/** One box, narrowed by the filters: some pages in a row, out of any number. */
export function approvalsQuery({ box, ...narrowed }: Filters) {
  const asked = new URLSearchParams({ box, limit: String(PAGE_SIZE), ...narrowed });
  return infiniteQueryOptions({
    queryKey: ['approvals', box, narrowed],
    queryFn: async ({ pageParam: { cursor, index }, signal }) => ({ ...await request<ApprovalList>('GET', `/approvals?${asked}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, undefined, signal), index }),
    initialPageParam: FIRST_PLACE,
    getNextPageParam: ({ nextCursor }, _pages, place): Place | undefined => nextCursor === null ? undefined : { cursor: nextCursor, before: place, index: place.index + PAGE_SIZE },
    getPreviousPageParam: (_page, _pages, { before }) => before,
    maxPages: MOST_PAGES,
    placeholderData: keepPreviousData,
  });
}

export function approvalQuery(id: string) {
  return queryOptions({ queryKey: ['approval', id], queryFn: ({ signal }) => request<ReviewerApproval>('GET', `/approvals/${encodeURIComponent(id)}`, undefined, signal) });
}
