import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ChangeSettings, Settings } from '../../src/contract/settings.ts';
import { request } from '../api/request.ts';
import { settingsQuery } from './my-settings.ts';

const none: Settings = {};

/** Changes some settings, null for the default. The page shows them at once, and the old ones after a failure. */
export function useChangeSettings(): { change: (change: ChangeSettings) => void; error: Error | null } {
  const client = useQueryClient();
  const { mutate, error } = useMutation({
    mutationFn: (change: ChangeSettings) => request<Settings>('PATCH', '/settings', change),
    scope: { id: 'settings' },
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey: settingsQuery.queryKey });
      client.setQueryData(settingsQuery.queryKey, (settings = none) => withChange(settings, change));
    },
    onSuccess: (settings) => client.setQueryData(settingsQuery.queryKey, settings),
    onError: () => client.invalidateQueries({ queryKey: settingsQuery.queryKey }),
  });
  return { change: mutate, error };
}

function withChange(settings: Settings, change: ChangeSettings): Settings {
  return Object.fromEntries(Object.entries({ ...settings, ...change }).filter(([, value]) => value != null));
}
