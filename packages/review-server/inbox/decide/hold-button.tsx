import { useEffect, useRef, useState } from 'react';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { handOf, type Hand } from './answer.ts';

const holdMs = 1000;

type HoldButtonProps = {
  label: string;
  /** The key that does the same when held. */
  shortcut: string | undefined;
  isDisabled: boolean;
  /** The confirmation for input that can't hold a button, such as a screen reader. */
  question: string;
  /** True if a hold may begin. */
  mayHold: (hand: Hand) => boolean;
  onHeld: (hand: Hand) => void;
};

/** A button against slips: the user holds it for a second by pointer or key, or presses and confirms. */
export function HoldButton({ label, shortcut, isDisabled, question, mayHold, onHeld }: HoldButtonProps) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const held = useRef(onHeld);
  const [isHolding, setHolding] = useState(false);
  const [wasReleased, setWasReleased] = useState(false);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    held.current = onHeld;
  });

  const begin = (hand: Hand) => {
    if (isDisabled || timer.current !== undefined || !mayHold(hand)) return;
    setHolding(true);
    setWasReleased(false);
    timer.current = setTimeout(() => {
      end();
      setWasReleased(false);
      held.current(hand);
    }, holdMs);
  };
  const end = () => {
    if (timer.current !== undefined) setWasReleased(true);
    clearTimeout(timer.current);
    timer.current = undefined;
    setHolding(false);
  };
  useShortcuts(shortcut === undefined ? {} : { [shortcut.toLowerCase()]: () => begin('key') });
  const stopHolding = useRef(end);
  useEffect(() => {
    stopHolding.current = end;
  });

  useEffect(() => {
    const stop = () => stopHolding.current();
    const up = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === shortcut?.toLowerCase()) stop();
    };
    window.addEventListener('keyup', up);
    window.addEventListener('blur', stop);
    return () => {
      window.removeEventListener('keyup', up);
      window.removeEventListener('blur', stop);
      // Another mode has no key for this button: its keyup would go unnoticed.
      stop();
    };
  }, [shortcut]);

  return (
    <span className="hold">
      <button
        type="button"
        className="button button-approve button-normal hold-button"
        data-holding={isHolding}
        aria-disabled={isDisabled}
        aria-describedby="hold-help approve-is-off"
        onPointerDown={(event) => {
          if (event.button === 0) begin('pointer');
        }}
        onPointerUp={end}
        onPointerLeave={end}
        onPointerCancel={end}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          if (!event.repeat) begin('key');
        }}
        onKeyUp={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          // Some browsers click at the end of a space.
          event.preventDefault();
          end();
        }}
        onBlur={end}
        // A click without pointer and key comes from assistive software that can't hold.
        onClick={(event) => {
          if (event.detail === 0 && !isDisabled) setAsking(true);
        }}
      >
        <span>{label}</span>
        {shortcut !== undefined && <kbd aria-hidden="true">{shortcut}</kbd>}
      </button>
      <span id="hold-help" className="hold-help" role="status">
        {isHolding
          ? 'Keep holding…'
          : wasReleased
            ? 'Released too early. Not approved.'
            : 'Critical risk: hold for 1 second.'}
      </span>
      <Dialog title="Approve critical request?" isOpen={isAsking} onClose={() => setAsking(false)}>
        <p>{question}</p>
        <div className="dialog-actions">
          <Button onPress={() => setAsking(false)}>Cancel</Button>
          <Button
            look="approve"
            onPress={(event) => {
              setAsking(false);
              held.current(handOf(event));
            }}
          >
            Approve
          </Button>
        </div>
      </Dialog>
    </span>
  );
}
