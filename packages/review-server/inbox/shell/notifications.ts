import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useCallback } from 'react';
import { approvalQuery } from '../api/queries.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { changeSetting, useSettings } from './settings.ts';

const newMs = 60_000;
const notified = new Set<string>();

/** The switch for notifications about new requests while the page is in the background. @default off */
export function useNotificationSwitch(): { isPossible: boolean; isOn: boolean; setOn: (on: boolean) => Promise<void> } {
  const isOn = useSettings(({ notifications }) => notifications);
  return {
    isPossible: 'Notification' in window && Notification.permission !== 'denied',
    isOn,
    setOn: async (on) => {
      if (on) await Notification.requestPermission();
      changeSetting('notifications', on);
    },
  };
}

/** Shows a notification for a new request. It leaves out the arguments, since others may see the screen. */
export function useNotifications(): (id: string) => void {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(
    (id: string) => {
      if (!useSettings.getState().notifications || document.visibilityState === 'visible' || notified.has(id)) return;
      notified.add(id);
      const notify = async () => {
        const { status, action, assistant, riskLevel, createdAt } = await client.fetchQuery(approvalQuery(id));
        if (status !== 'PENDING' || Date.now() - Date.parse(createdAt) > newMs) return;
        const notification = new Notification('A request needs review', {
          body: literalTitle(`${action} · Requested by ${assistant} · Risk: ${riskLevel}`),
          tag: id,
        });
        notification.addEventListener('click', () => {
          window.focus();
          notification.close();
          void navigate({ to: '/approvals/$id', params: { id } });
        });
      };
      notify().catch(() => notified.delete(id));
    },
    [client, navigate],
  );
}
