import { queryOptions } from '@tanstack/react-query';
import { request } from '../api/request.ts';

/** A query of the administration. Each change there reloads all of them. */
export function adminQuery<Answer>(path: string) {
  return queryOptions({
    queryKey: ['admin', path],
    queryFn: ({ signal }) => request<Answer>('GET', path, undefined, signal),
  });
}
