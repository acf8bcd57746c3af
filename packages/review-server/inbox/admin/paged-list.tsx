import { useInfiniteQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';

const UNDER_WAY_MS = 2000;

/** A list of the administration that comes in pages, newest first: read page by page, again after every change there, and every two seconds while something is under way. */
export function usePagedList<Page extends { nextCursor: string | null }>(
  path: string,
  filter: Record<string, string>,
  isUnderWay: (page: Page) => boolean = () => false,
) {
  return useInfiniteQuery({
    queryKey: ['admin', path, filter],
    queryFn: ({ pageParam, signal }) =>
      request<Page>(
        'GET',
        `${path}?${new URLSearchParams({ ...filter, ...(pageParam === null ? {} : { cursor: pageParam }) })}`,
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) => (data?.pages.some(isUnderWay) ? UNDER_WAY_MS : false),
  });
}

/** Reads the next page, where there is one. */
export function OlderOnes({
  list,
}: {
  list: Pick<ReturnType<typeof usePagedList>, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>;
}) {
  if (!list.hasNextPage) return null;
  return (
    <p>
      <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
        Older ones
      </Button>
    </p>
  );
}
