import { create } from 'zustand';

/** The settings of this browser. They apply to all its tabs. */
type Settings = {
  shortcuts: boolean;
  /** Wanted by the user and permitted by the browser. */
  notifications: boolean;
};

export const useSettings = create<Settings>()(readSettings);

// Another tab changed a setting.
window.addEventListener('storage', () => useSettings.setState(readSettings()));

function readSettings(): Settings {
  return {
    shortcuts: localStorage.getItem('holdpoint-shortcuts') !== 'off',
    notifications:
      localStorage.getItem('holdpoint-notifications') === 'on' &&
      'Notification' in window &&
      Notification.permission === 'granted',
  };
}

export function changeSetting(name: keyof Settings, isOn: boolean): void {
  localStorage.setItem(`holdpoint-${name}`, isOn ? 'on' : 'off');
  useSettings.setState(readSettings());
}
