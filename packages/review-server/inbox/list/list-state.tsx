import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { problemText } from '../api/request.ts';
import { isNarrowed, type Filters } from '../filters.ts';
import { PlainButton } from '../ui/plain-button.tsx';
import { Notice } from '../ui/notice.tsx';

const empty: Record<Filters['box'], string> = {
  'needs-you': 'No requests need you. New requests appear here.',
  waiting: 'No claimed requests.',
  done: 'No decided requests.',
  all: 'No requests.',
};

/** The state of a list without rows: loading, failed or empty. */
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
        <PlainButton onPress={() => void list.refetch()} isPending={list.isFetching}>
          Try again
        </PlainButton>
      </div>
    );
  }
  // An empty result of earlier filters says nothing about the current ones.
  const isLoading = list.isPending || (isEmpty && list.isPlaceholderData);
  const { box, sort: _sort, ...narrowed } = filters;
  const found = isLoading || !isEmpty ? undefined : isNarrowed(filters) ? 'No matching requests.' : empty[box];
  return (
    <>
      {isLoading && (
        <div className="list-loading" role="status" aria-label="Loading requests">
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
            Search all requests
          </Link>
        </p>
      )}
    </>
  );
}
