import { infiniteQueryOptions, keepPreviousData, queryOptions, type InfiniteData } from '@tanstack/react-query';
import type {
  ApprovalList,
  ApprovalSummary,
  Counts,
  Facets,
  ReviewerApproval,
  Session,
  SessionList,
} from '../../src/contract/reviewer-api.ts';
import type { Filters } from '../filters.ts';
import { request, RequestProblem } from './request.ts';

/** Every page has so many, but the last one of a list, and one that is still being read. */
export const PAGE_SIZE = 200;
/** So many are kept of a list that somebody scrolls through; news has to be read into all of them. */
const MOST_PAGES = 5;

/** Where a page of a list begins, the one before it, and how many approvals are before it. */
export interface Place {
  cursor: string | null;
  before: Place | undefined;
  skipped: number;
}

export interface ApprovalPage extends ApprovalList {
  skipped: number;
}

export type ApprovalPages = InfiniteData<ApprovalPage, Place>;

const FIRST_PLACE: Place = { cursor: null, before: undefined, skipped: 0 };

/** Who is signed in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: (): Promise<Session | null> =>
    request<Session>('GET', '/session').catch((error: unknown) => {
      if (error instanceof RequestProblem && error.status === 401) return null;
      throw error;
    }),
  staleTime: Infinity,
});

/** Where one is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: () => request<SessionList>('GET', '/sessions'),
  staleTime: 0,
});

export const countsQuery = queryOptions({ queryKey: ['counts'], queryFn: () => request<Counts>('GET', '/counts') });

export const facetsQuery = queryOptions({
  queryKey: ['facets'],
  queryFn: () => request<Facets>('GET', '/facets'),
  staleTime: 60_000,
});

/** One box, narrowed by the filters: some pages in a row, out of any number. */
export function approvalsQuery(filters: Filters) {
  const { box, ...narrowed } = filters;
  return infiniteQueryOptions<ApprovalPage, Error, ApprovalPages, readonly unknown[], Place>({
    queryKey: ['approvals', box, narrowed],
    queryFn: ({ client, queryKey, pageParam, signal }) => {
      const isFirst = client.getQueryData(queryKey) === undefined;
      return readPage(filters, pageParam, signal, (page) => {
        // It is old at once: who left a search half-way and comes back begins it anew.
        if (isFirst)
          client.setQueryData<ApprovalPages>(queryKey, { pages: [page], pageParams: [pageParam] }, { updatedAt: 0 });
      });
    },
    initialPageParam: FIRST_PLACE,
    getNextPageParam: ({ nextCursor, skipped, approvals }, _pages, place): Place | undefined =>
      nextCursor === null ? undefined : { cursor: nextCursor, before: place, skipped: skipped + approvals.length },
    getPreviousPageParam: (_page, _pages, { before }) => before,
    maxPages: MOST_PAGES,
    placeholderData: keepPreviousData,
  });
}

/**
 * Reads on until the page is full or the list ends. The server gives what it has after looking at so many approvals; pages of
 * that kind would be short or empty where a filter has few hits, and those that are kept would not fill the screen.
 */
async function readPage(
  { box, ...narrowed }: Filters,
  { cursor: first, skipped }: Place,
  signal: AbortSignal,
  onPart: (page: ApprovalPage) => void,
): Promise<ApprovalPage> {
  const approvals: ApprovalSummary[] = [];
  let cursor = first;
  for (;;) {
    const asked = new URLSearchParams({
      box,
      ...narrowed,
      limit: String(PAGE_SIZE - approvals.length),
      ...(cursor === null ? {} : { cursor }),
    });
    const part = await request<ApprovalList>('GET', `/approvals?${asked}`, undefined, signal);
    approvals.push(...part.approvals);
    cursor = part.nextCursor;
    const page = { approvals: [...approvals], nextCursor: cursor, skipped };
    if (cursor === null || approvals.length >= PAGE_SIZE) return page;
    if (part.approvals.length > 0) onPart(page);
  }
}

/** Whether each page goes on where the one before it ends; after reading back it may not, when approvals came or went since. */
export function isUnbroken({ pages, pageParams }: ApprovalPages): boolean {
  return pages.every(
    ({ nextCursor }, index) => index + 1 === pages.length || nextCursor === pageParams[index + 1]!.cursor,
  );
}

export function approvalQuery(id: string) {
  return queryOptions({
    queryKey: ['approval', id],
    queryFn: ({ signal }) =>
      request<ReviewerApproval>('GET', `/approvals/${encodeURIComponent(id)}`, undefined, signal),
  });
}
