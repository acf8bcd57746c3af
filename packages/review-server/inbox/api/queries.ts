import { infiniteQueryOptions, keepPreviousData, queryOptions, type InfiniteData } from '@tanstack/react-query';
import type {
  ApprovalHistory,
  ApprovalList,
  ApprovalSummary,
  Counts,
  Facets,
  ReviewerApproval,
} from '../../src/contract/reviewer-api.ts';
import type { Session, SessionList } from '../../src/contract/session.ts';
import type { SignInOptions } from '../../src/contract/sign-in-options.ts';
import type { Filters } from '../filters.ts';
import { request, RequestProblem } from './request.ts';

/** Requests per page. The last page, and a page that is still loading, may have fewer. */
export const pageSize = 200;
/** Pages kept in memory. Each change reloads all of them. */
const mostPages = 5;

/** The start of a page: its cursor, the page before it, and the number of requests before it. */
export type Place = {
  cursor: string | null;
  before: Place | undefined;
  skipped: number;
};

export type ApprovalPage = ApprovalList & {
  skipped: number;
};

export type ApprovalPages = InfiniteData<ApprovalPage, Place>;

const firstPlace: Place = { cursor: null, before: undefined, skipped: 0 };

/** The session of this browser, or null when signed out. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: (): Promise<Session | null> =>
    request<Session>('GET', '/session').catch((error: unknown) => {
      if (error instanceof RequestProblem && error.status === 401) return null;
      throw error;
    }),
  staleTime: Infinity,
});

/** The ways to sign in, and the sentence of a problem of the identity provider. */
export function signInOptionsQuery(problem = '') {
  return queryOptions({
    queryKey: ['sign-in', problem],
    queryFn: () =>
      request<SignInOptions>('GET', `/sign-in${problem === '' ? '' : `?problem=${encodeURIComponent(problem)}`}`),
    retry: false,
    staleTime: Infinity,
  });
}

/** All sessions of the user. */
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

/** One box with its filters: a window of consecutive pages. */
export function approvalsQuery(filters: Filters) {
  const { box, ...narrowed } = filters;
  return infiniteQueryOptions<ApprovalPage, Error, ApprovalPages, readonly unknown[], Place>({
    queryKey: ['approvals', box, narrowed],
    queryFn: ({ client, queryKey, pageParam, signal }) => {
      const isFirst = client.getQueryData(queryKey) === undefined;
      return readPage(filters, pageParam, signal, (page) => {
        // Marked as stale, so that an interrupted search starts again on return.
        if (isFirst)
          client.setQueryData<ApprovalPages>(queryKey, { pages: [page], pageParams: [pageParam] }, { updatedAt: 0 });
      });
    },
    initialPageParam: firstPlace,
    getNextPageParam: ({ nextCursor, skipped, approvals }, _pages, place): Place | undefined =>
      nextCursor === null ? undefined : { cursor: nextCursor, before: place, skipped: skipped + approvals.length },
    getPreviousPageParam: (_page, _pages, { before }) => before,
    maxPages: mostPages,
    placeholderData: keepPreviousData,
  });
}

/**
 * Reads until the page is full or the list ends. The server answers after scanning a fixed number of requests, so with
 * a rare filter a single answer may be short or empty.
 */
async function readPage(
  { box, assistant, ...narrowed }: Filters,
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
      // One Connection Key may serve several assistants, as in `holdpoint dev`.
      ...(assistant === undefined ? {} : { askedBy: assistant }),
      limit: String(pageSize - approvals.length),
      ...(cursor === null ? {} : { cursor }),
    });
    const part = await request<ApprovalList>('GET', `/approvals?${asked}`, undefined, signal);
    approvals.push(...part.approvals);
    cursor = part.nextCursor;
    const page = { approvals: [...approvals], nextCursor: cursor, skipped };
    if (cursor === null || approvals.length >= pageSize) return page;
    if (part.approvals.length > 0) onPart(page);
  }
}

/** True if each page starts where the previous one ends. After paging back it is false if requests came or went. */
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

/** The last decisions on the same action and subject. */
export function historyQuery(id: string) {
  return queryOptions({
    queryKey: ['history', id],
    queryFn: ({ signal }) =>
      request<ApprovalHistory>('GET', `/approvals/${encodeURIComponent(id)}/history`, undefined, signal),
    staleTime: 30_000,
  });
}
