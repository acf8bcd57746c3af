import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useSyncExternalStore } from 'react';
import { approvalQuery } from '../api/queries.ts';
import { literalTitle } from '../literal-parts.ts';

const SWITCH = 'holdpoint-notifications';
const NEW_MS = 60_000;

const listeners = new Set<() => void>();
const told = new Set<string>();

function isOn(): boolean {
  return 'Notification' in window && Notification.permission === 'granted' && localStorage.getItem(SWITCH) === 'on';
}

/** Whether this browser tells of new approvals while the page is in the background; off until the person asks for it. */
export function useNotificationSwitch(): { isPossible: boolean; isOn: boolean; setOn: (on: boolean) => Promise<void> } {
  const on = useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isOn);
  return {
    isPossible: 'Notification' in window && Notification.permission !== 'denied',
    isOn: on,
    setOn: async (wanted) => {
      localStorage.setItem(SWITCH, wanted ? 'on' : 'off');
      if (wanted) await Notification.requestPermission();
      for (const listener of listeners) listener();
    },
  };
}

/** Tells of an approval that is new and needs somebody. Its arguments stay out of it: others may see the screen. */
export function useNotifications(): (id: string) => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(
    (id: string) => {
      if (!isOn() || document.visibilityState === 'visible' || told.has(id)) return;
      told.add(id);
      const tell = async () => {
        const { status, action, assistant, riskLevel, createdAt } = await client.fetchQuery(approvalQuery(id));
        if (status !== 'PENDING' || Date.now() - Date.parse(createdAt) > NEW_MS) return;
        const notification = new Notification('An approval needs somebody', {
          body: literalTitle(`${action}, asked by ${assistant} (risk: ${riskLevel})`),
          tag: id,
        });
        notification.addEventListener('click', () => {
          window.focus();
          notification.close();
          void navigate({ to: '/approvals/$id', params: { id } });
        });
      };
      tell().catch(() => told.delete(id));
    },
    [client, navigate],
  );
}
