import { queryOptions } from '@tanstack/react-query';
import type { OwnHolds } from '../../src/contract/holds.ts';
import { request } from '../api/request.ts';

/** The held decisions of the signed-in person. */
export const holdsQuery = queryOptions({
  queryKey: ['holds'],
  queryFn: () => request<OwnHolds>('GET', '/holds'),
});
