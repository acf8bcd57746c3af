import { problemText } from '../api/request.ts';
import { changeSetting, useSettings } from '../shell/settings.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Notice } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { useChangeSettings, useMySettings } from './my-settings.ts';

/** The settings of the user, which apply at once, and those of this browser. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { autoAdvance = false } = useMySettings();
  const { change, error } = useChangeSettings();
  const hasShortcuts = useSettings(({ shortcuts }) => shortcuts);
  return (
    <Dialog title="Settings" isOpen onClose={onClose}>
      <div className="settings">
        <section className="settings-part" aria-labelledby="settings-everywhere">
          <h3 id="settings-everywhere">Everywhere you sign in</h3>
          <Switch isSelected={autoAdvance} onChange={(on) => change({ autoAdvance: on })}>
            Open the next request after a decision
          </Switch>
        </section>
        <section className="settings-part" aria-labelledby="settings-here">
          <h3 id="settings-here">In this browser</h3>
          <Switch isSelected={hasShortcuts} onChange={(on) => changeSetting('shortcuts', on)}>
            Single-key shortcuts
          </Switch>
        </section>
        {error !== null && <Notice tone="bad">{problemText(error)} The setting was not changed.</Notice>}
      </div>
    </Dialog>
  );
}
