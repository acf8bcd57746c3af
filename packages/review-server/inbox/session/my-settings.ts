import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Settings } from '../../src/contract/settings.ts';
import { request } from '../api/request.ts';

/** The settings of the signed-in user, the same in every browser. Those of this browser are in `shell/settings.ts`. */
export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => request<Settings>('GET', '/settings'),
});

const none: Settings = {};

/** The user's settings. Empty while they load. */
export function useMySettings(): Settings {
  return useQuery(settingsQuery).data ?? none;
}
