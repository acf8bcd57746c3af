import { changeSetting, useSettings } from './settings.ts';
import { Switch } from '../ui/switch.tsx';
import { Dialog } from '../ui/dialog.tsx';

const shortcutList: readonly [key: string, does: string][] = [
  ['J', 'Next request'],
  ['K', 'Previous request'],
  ['A', 'Approve (hold for critical risk)'],
  ['M', 'Show more of the arguments, while Approve is off'],
  ['R', 'Reject with a reason'],
  ['E', 'Edit the arguments'],
  ['1 2 3', 'Answer “Did it happen?”'],
  ['Z U', 'Undo your last decision by key, while it is held'],
  ['Q', 'Ask the assistant a question'],
  ['I', 'Claim or release'],
  ['X', 'Select for a batch'],
  ['Shift J', 'Select up to the next request'],
  ['Shift K', 'Select up to the previous request'],
  ['Shift X', 'Select all requests that match'],
  ['B', 'Review the selected requests'],
  ['G', 'Review the group of the open request'],
  ['F', 'Go to the saved filters'],
  ['↓ 1', 'In a note: go to the quick notes, take the first'],
  ['/', 'Search'],
  ['Esc', 'Leave a field, an edit, a selection or a request'],
  ['Ctrl Enter', 'Send a rejection or an edit'],
  ['?', 'Show shortcuts'],
];

/** The list of shortcuts and the switch that turns them off. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const isOn = useSettings(({ shortcuts }) => shortcuts);
  return (
    <Dialog title="Keyboard shortcuts" isOpen onClose={onClose}>
      <dl className="keys">
        {shortcutList.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet-text">
        Shortcuts are off while you type. In a rejection, an edit or a dialog only Esc works.
      </p>
      <Switch isSelected={isOn} onChange={(on) => changeSetting('shortcuts', on)}>
        Single-key shortcuts
      </Switch>
    </Dialog>
  );
}
