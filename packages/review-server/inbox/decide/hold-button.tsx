import { useEffect, useRef, useState } from 'react';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { handOf, type Hand } from './answer.ts';

const HOLD_MS = 1000;

interface HoldButtonProps {
  label: string;
  /** The single key that does the same, held as long. */
  shortcut: string | undefined;
  isDisabled: boolean;
  /** What is asked where a button can't be held, as with a screen reader. */
  question: string;
  /** Whether holding may begin. */
  mayHold: (hand: Hand) => boolean;
  onHeld: (hand: Hand) => void;
}

/** A button for what must not happen by a slip: held for a second by pointer or key, or pressed and then confirmed. */
export function HoldButton({ label, shortcut, isDisabled, question, mayHold, onHeld }: HoldButtonProps) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const held = useRef(onHeld);
  const [isHolding, setHolding] = useState(false);
  const [letGo, setLetGo] = useState(false);
  const [isAsking, setAsking] = useState(false);
  useEffect(() => {
    held.current = onHeld;
  });

  const begin = (hand: Hand) => {
    if (isDisabled || timer.current !== undefined || !mayHold(hand)) return;
    setHolding(true);
    setLetGo(false);
    timer.current = setTimeout(() => {
      end();
      setLetGo(false);
      held.current(hand);
    }, HOLD_MS);
  };
  const end = () => {
    if (timer.current !== undefined) setLetGo(true);
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
        aria-describedby="hold-help"
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
        // A click without a pointer and without a key comes from software that can't hold.
        onClick={(event) => {
          if (event.detail === 0 && !isDisabled) setAsking(true);
        }}
      >
        <span>{label}</span>
        {shortcut !== undefined && <kbd aria-hidden="true">{shortcut}</kbd>}
      </button>
      <span id="hold-help" className="hold-help" role="status">
        {isHolding
          ? 'Keep holding …'
          : letGo
            ? 'Let go too early: nothing was approved.'
            : 'Critical: hold for a second.'}
      </span>
      <Dialog title="Approve something critical?" isOpen={isAsking} onClose={() => setAsking(false)}>
        <p>{question}</p>
        <div className="dialog-actions">
          <Button onPress={() => setAsking(false)}>No</Button>
          <Button
            look="approve"
            onPress={(event) => {
              setAsking(false);
              held.current(handOf(event));
            }}
          >
            Yes, approve it
          </Button>
        </div>
      </Dialog>
    </span>
  );
}
