import { ArrowUturnLeftIcon } from '@heroicons/react/16/solid';
import type { OwnHolds } from '../../src/contract/holds.ts';
import { useMe } from '../session/session.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { PlainButton } from '../ui/plain-button.tsx';
import { counted, shortened } from '../wording.ts';
import { heldText } from './holds.ts';
import { TimeToDecision } from './time-to-decision.tsx';

/** The latest held decisions, and the button that undoes them. */
export function HeldCard({
  first,
  count,
  isPending,
  onUndo,
}: {
  first: OwnHolds['holds'][number];
  /** The decisions that were made together. */
  count: number;
  isPending: boolean;
  onUndo: () => void;
}) {
  const me = useMe();
  return (
    <div className="held-bar-card">
      <p>
        <strong>
          <LiteralText>{heldText(first, me.name)}</LiteralText>
        </strong>{' '}
        {count > 1 ? counted(count, 'request') : ''} <TimeToDecision hold={first} />{' '}
        {count === 1 && (
          <span className="held-bar-title">
            <LiteralText>{shortened(first.summary || first.action, 120)}</LiteralText>
          </span>
        )}
      </p>
      <PlainButton
        look="primary"
        hint="Z"
        icon={<ArrowUturnLeftIcon aria-hidden="true" />}
        isPending={isPending}
        onPress={onUndo}
      >
        {count > 1 ? `Undo ${count}` : 'Undo'}
      </PlainButton>
    </div>
  );
}
