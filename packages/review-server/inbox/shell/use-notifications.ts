import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { lazyModule } from '../ui/lazy-part.tsx';
import { useSettings } from './settings.ts';

const notification = lazyModule(() => import('./new-request-notification.ts'));
const notified = new Set<string>();

/** Shows a notification for a new request while the page is in the background, if the user wants it. */
export function useNotifications(): (id: string) => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(
    (id: string) => {
      if (!useSettings.getState().notifications || document.visibilityState === 'visible' || notified.has(id)) return;
      notified.add(id);
      notification()
        .then(({ notifyOf }) => notifyOf(id, client, () => void navigate({ to: '/approvals/$id', params: { id } })))
        .catch(() => notified.delete(id));
    },
    [client, navigate],
  );
}
