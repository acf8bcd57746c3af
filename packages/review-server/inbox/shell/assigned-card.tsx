import { Link } from '@tanstack/react-router';
import type { AssignedList } from '../../src/contract/desk.ts';
import { expectShown } from '../decide/shown.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { PlainButton } from '../ui/plain-button.tsx';
import { shortened } from '../wording.ts';

/** A request that another person handed over. */
export function AssignedCard({
  assigned: first,
  onDismiss,
}: {
  assigned: AssignedList['assigned'][number];
  onDismiss: () => void;
}) {
  return (
    <div className="held-bar-card">
      <p>
        <LiteralText>{`${first.assignedBy} handed over to ${first.isGroup ? `the group ${first.by}` : 'you'}: `}</LiteralText>
        <Link
          to="/approvals/$id"
          params={{ id: first.id }}
          onClick={() => {
            expectShown(first.id);
            onDismiss();
          }}
        >
          <LiteralText>{shortened(first.summary || first.action, 120)}</LiteralText>
        </Link>
      </p>
      <PlainButton size="small" onPress={onDismiss}>
        Dismiss
      </PlainButton>
    </div>
  );
}
