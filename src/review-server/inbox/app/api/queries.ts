import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { ApprovalList, Counts, Facets, ReviewerApproval, Session } from '../../../../schemas/reviewer-api.ts';
import type { Filters } from '../filters.ts';
import { request, RequestProblem } from './request.ts';

const PAGE_SIZE = 200;

/** Who is signed in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: (): Promise<Session | null> => request<Session>('GET', '/session').catch((error: unknown) => {
    if (error instanceof RequestProblem && error.status === 401) return null;
    throw error;
  }),
  staleTime: Infinity,
});

export const countsQuery = queryOptions({ queryKey: ['counts'], queryFn: () => request<Counts>('GET', '/counts') });

export const facetsQuery = queryOptions({ queryKey: ['facets'], queryFn: () => request<Facets>('GET', '/facets'), staleTime: 60_000 });

/** One box, narrowed by the filters, page after page. */
export function approvalsQuery({ box, ...narrowed }: Filters) {
  const asked = new URLSearchParams({ box, limit: String(PAGE_SIZE), ...narrowed });
  return infiniteQueryOptions({
    queryKey: ['approvals', box, narrowed],
    queryFn: ({ pageParam, signal }) => request<ApprovalList>('GET', `/approvals?${asked}${pageParam === null ? '' : `&cursor=${encodeURIComponent(pageParam)}`}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
  });
}

export function approvalQuery(id: string) {
  return queryOptions({ queryKey: ['approval', id], queryFn: ({ signal }) => request<ReviewerApproval>('GET', `/approvals/${encodeURIComponent(id)}`, undefined, signal) });
}
