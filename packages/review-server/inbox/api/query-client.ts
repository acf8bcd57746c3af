import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { sessionQuery } from './queries.ts';
import { RequestProblem } from './request.ts';

const mostRetries = 3;

/** The cache of the page. Any call that fails with 401 shows the sign-in. */
export function createQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof RequestProblem && error.status === 401) client.setQueryData(sessionQuery.queryKey, null);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A refused call would be refused again.
        retry: (failures, error) =>
          failures < mostRetries && !(error instanceof RequestProblem && error.status >= 400 && error.status < 500),
        // The browser may report “offline” although a server in the local network is reachable.
        networkMode: 'always',
        staleTime: 10_000,
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
