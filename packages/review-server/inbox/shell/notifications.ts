import { changeSetting, useSettings } from './settings.ts';

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
