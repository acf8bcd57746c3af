import { useInfiniteQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';

/** A list of the administration that comes in pages, newest first: read page by page, and again after every change there. */
export function usePagedList<Page extends { nextCursor: string | null }>(path: string, filter: Record<string, string>) {
  return useInfiniteQuery({
    queryKey: ['admin', path, filter],
    queryFn: ({ pageParam, signal }) => request<Page>('GET', `${path}?${new URLSearchParams({ ...filter, ...(pageParam === null ? {} : { cursor: pageParam }) })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
}

/** Reads the next page, where there is one. */
export function OlderOnes({ list }: { list: Pick<ReturnType<typeof usePagedList>, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'> }) {
  if (!list.hasNextPage) return null;
  return <p><Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>Older ones</Button></p>;
}
