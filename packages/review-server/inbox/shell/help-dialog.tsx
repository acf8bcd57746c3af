import { useShortcutSwitch } from './shortcuts.ts';
import { Switch } from '../ui/switch.tsx';
import { Dialog } from '../ui/dialog.tsx';

const KEYS: readonly [key: string, does: string][] = [
  ['J', 'next approval'],
  ['K', 'previous approval'],
  ['A', 'approve; held down where the risk is critical'],
  ['R', 'reject, with a reason'],
  ['E', 'edit the arguments, then approve'],
  ['1 2 3', 'the answers to “Did it happen?”'],
  ['I', 'say that you are on it, or no longer'],
  ['X', 'select for deciding several at once'],
  ['/', 'search'],
  ['Esc', 'back: out of a field, an edit, a selection, an approval'],
  ['Ctrl Enter', 'in a note: send what you have begun'],
  ['?', 'this help'],
];

/** What the keys do, and the switch for people whom they hinder. */
export function HelpDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [isOn, setOn] = useShortcutSwitch();
  return (
    <Dialog title="Keyboard" isOpen={isOpen} onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, does]) => (
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
      <p className="quiet-text">Keys are off while you type. In a rejection, an edit or a dialog only Esc works.</p>
      <Switch isSelected={isOn} onChange={setOn}>
        Single keys work
      </Switch>
    </Dialog>
  );
}
