import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemText } from '../api/request.ts';
import { Button } from './button.tsx';
import { Notice } from './notice.tsx';

/** Shows the data of a query, a skeleton while it loads, or the error with “Try again”. */
export function Loaded<Data>({
  query,
  children,
}: {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return <div className="skeleton skeleton-block" role="status" aria-label="Loading" />;
  return (
    <>
      <Notice tone="bad">{problemText(query.error)}</Notice>
      <p>
        <Button onPress={() => void query.refetch()} isPending={query.isFetching}>
          Try again
        </Button>
      </p>
    </>
  );
}
