import { problemText } from '../api/request.ts';
import { changeSetting, useSettings } from '../shell/settings.ts';
import { usualHoldSeconds } from '../../src/contract/hold-limits.ts';
import { languageNames, usePresets } from '../presets/catalogue.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Choice } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Switch } from '../ui/switch.tsx';
import { useChangeSettings } from './change-settings.ts';
import { useMySettings } from './my-settings.ts';

const holdChoices = [0, 2, 5, 10, 20, 60];

/** The settings of the user, which apply at once, and those of this browser. */
export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { autoAdvance = false, holdSeconds = usualHoldSeconds, language } = useMySettings();
  const presets = usePresets();
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
          <Choice
            label="Time to undo a decision by key"
            value={String(holdSeconds)}
            entries={[...new Set([...holdChoices, holdSeconds])]
              .toSorted((a, b) => a - b)
              .map((seconds) => ({
                id: String(seconds),
                text: seconds === 0 ? 'None: decide at once' : `${seconds} seconds`,
              }))}
            onChange={(seconds) => change({ holdSeconds: Number(seconds) })}
          />
          <Choice
            label="Language of quick notes"
            any="The browser’s"
            value={language}
            entries={languageNames(presets)}
            onChange={(id) => change({ language: id ?? null })}
          />
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
