import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { sessionQuery } from './queries.ts';
import { RequestProblem } from './request.ts';

const MOST_RETRIES = 3;

/** One cache for the whole page. A call that is refused for want of a sign-in brings up the sign-in, wherever it was made. */
export function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof RequestProblem && error.status === 401) client.setQueryData(sessionQuery.queryKey, null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // What the server refused, it will refuse again.
        retry: (failures, error) =>
          failures < MOST_RETRIES && !(error instanceof RequestProblem && error.status >= 400 && error.status < 500),
        // The browser's idea of being offline is of no use for a server in the house.
        networkMode: 'always',
        staleTime: 10_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
