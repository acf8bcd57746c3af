import { useInfiniteQuery } from '@tanstack/react-query';
import { request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';

const underWayMs = 2000;

/** A paged list of the administration, newest first. It reloads after each change, and every two seconds while `isUnderWay` holds. */
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
    refetchInterval: ({ state: { data } }) => (data?.pages.some(isUnderWay) ? underWayMs : false),
  });
}

/** The button for the next page. Hidden at the end of the list. */
export function LoadOlder({
  list,
}: {
  list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}) {
  if (!list.hasNextPage) return null;
  return (
    <p>
      <Button isPending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
        Load older
      </Button>
    </p>
  );
}
