import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { problemText } from '../api/request.ts';
import { isNarrowed, type Filters } from '../filters.ts';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';

const EMPTY: Record<Filters['box'], string> = {
  'needs-you': 'Nothing needs you. New requests appear here by themselves.',
  waiting: 'Nobody else is on anything.',
  done: 'Nothing was decided yet.',
  all: 'There are no approvals yet.',
};

/** What is to be said instead of a list: it loads, it can't be read, it is empty. */
export function ListState({
  list,
  isEmpty,
  filters,
}: {
  list: Pick<UseInfiniteQueryResult, 'isPending' | 'error' | 'refetch' | 'isFetching' | 'isPlaceholderData'>;
  isEmpty: boolean;
  filters: Filters;
}) {
  if (list.error !== null && isEmpty) {
    return (
      <div className="list-state">
        <Notice tone="bad">{problemText(list.error)}</Notice>
        <Button onPress={() => void list.refetch()} isPending={list.isFetching}>
          Try again
        </Button>
      </div>
    );
  }
  // That an earlier question had no answer says nothing of this one.
  const isLoading = list.isPending || (isEmpty && list.isPlaceholderData);
  const { box, ...narrowed } = filters;
  const found = isLoading || !isEmpty ? undefined : isNarrowed(filters) ? 'Nothing here matches.' : EMPTY[box];
  return (
    <>
      {isLoading && (
        <div className="list-loading" role="status" aria-label="Loading approvals">
          {[1, 2, 3, 4].map((row) => (
            <div key={row} className="row-skeleton" />
          ))}
        </div>
      )}
      <p className="list-state" role="status">
        {found}
      </p>
      {found !== undefined && isNarrowed(filters) && box !== 'all' && (
        <p className="list-elsewhere">
          <Link to="/" search={{ ...narrowed, box: 'all' }}>
            Look in all boxes
          </Link>
        </p>
      )}
    </>
  );
}
