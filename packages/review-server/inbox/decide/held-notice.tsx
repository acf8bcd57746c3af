import { ArrowUturnLeftIcon } from '@heroicons/react/16/solid';
import type { Hold } from '../../src/contract/holds.ts';
import { problemText } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { Button } from '../ui/button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { heldText } from './holds.ts';
import { TimeToDecision } from './time-to-decision.tsx';
import { useUndo } from './undo.ts';

/** A held decision, with the button that undoes the person's own. */
export function HeldNotice({ id, hold }: { id: string; hold: Hold }) {
  const me = useMe();
  const undo = useUndo();
  const isOwn = hold.by === me.name;
  const refused = undo.data?.results[0];
  return (
    <div className="held" data-own={isOwn}>
      <Notice tone="info">
        <strong>
          <LiteralText>{heldText(hold, me.name)}</LiteralText>
        </strong>{' '}
        <TimeToDecision hold={hold} />
        {isOwn ? '' : '. Your own decision would come first.'}
      </Notice>
      {isOwn && (
        <Button
          hint="Z"
          icon={<ArrowUturnLeftIcon aria-hidden="true" />}
          isPending={undo.isPending}
          onPress={() => undo.mutate([id])}
        >
          Undo
        </Button>
      )}
      {undo.error !== null && !undo.isPending && <Notice tone="bad">{problemText(undo.error)}</Notice>}
      {refused?.error !== undefined && <Notice tone="bad">{refused.error}</Notice>}
    </div>
  );
}
