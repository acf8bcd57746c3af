import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import type { FilterSearch } from '../filters.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { headline, shortened } from '../wording.ts';

type Decided = { id: string; title: string; next: string };

/**
 * Auto-advance: after a decision the next pending request of the list opens. Its heading gets the focus. Keys decide
 * nothing on it for 300 ms, since the page changed without a step of the user in the list.
 */
export function useAdvance({
  isOn,
  approvals,
  openId,
  me,
  open,
}: {
  isOn: boolean;
  approvals: readonly ApprovalSummary[];
  openId: string | undefined;
  /** The user, whose held decisions are skipped. */
  me: string;
  open: (id: string) => void;
}): { decided: Decided | undefined; onDecided: (id: string) => void } {
  const [decided, setDecided] = useState<Decided>();
  return {
    // The user has moved on.
    decided: decided?.next === openId ? decided : undefined,
    onDecided: (id) => {
      const place = approvals.findIndex((approval) => approval.id === id);
      // The user may have opened another request while the decision was sent.
      if (!isOn || id !== openId || place === -1) return;
      const next = [...approvals.slice(place + 1), ...approvals.slice(0, place)].find(
        ({ status, holds }) => status === 'PENDING' && !holds.some(({ by }) => by === me),
      );
      if (next === undefined) return;
      setDecided({ id, title: shortened(headline(approvals[place]!), 120), next: next.id });
      open(next.id);
    },
  };
}

/** The decision before the request that auto-advance opened, with a link back to it. */
export function LastDecision({ decided, search }: { decided: Decided | undefined; search: FilterSearch }) {
  return (
    <p className="last-decision" role="status">
      {decided !== undefined && (
        <>
          Decided:{' '}
          <Link to="/approvals/$id" params={{ id: decided.id }} search={search}>
            <LiteralText>{decided.title}</LiteralText>
          </Link>
          <span className="visually-hidden">. The next request is open.</span>
        </>
      )}
    </p>
  );
}
