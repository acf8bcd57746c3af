import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/request.ts';

/** A reading call of the administration; every change there reads all of them again. */
export function adminQuery<Answer>(path: string) {
  return queryOptions({
    queryKey: ['admin', path],
    queryFn: ({ signal }) => request<Answer>('GET', path, undefined, signal),
  });
}
