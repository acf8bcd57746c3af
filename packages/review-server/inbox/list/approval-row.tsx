import { HandRaisedIcon, PencilIcon, QuestionMarkCircleIcon } from '@heroicons/react/16/solid';
import { Link } from '@tanstack/react-router';
import type { Claim } from '../../src/contract/desk.ts';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import type { Hold } from '../../src/contract/holds.ts';
import { Requester } from '../approval/requester.tsx';
import { TimeToDecision } from '../decide/time-to-decision.tsx';
import { heldText } from '../decide/holds.ts';
import { expectShown } from '../decide/shown.ts';
import { toFilters, type FilterSearch } from '../filters.ts';
import { literalTitle } from '../../src/contract/literal-parts.ts';
import { useMe } from '../session/session.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { RiskBadge, riskLook } from '../ui/risk-badge.tsx';
import { DueMark, TimeAgo, TimeLeft } from '../ui/time.tsx';
import { useListChoice } from './list-choice.ts';
import { claimText, endedBy, headline, shortened, statusWord, toolOf } from '../wording.ts';

/** Selects or unselects a request, with `isRange` all from the last one on. */
export type OnToggle = (id: string, isRange: boolean) => void;

/** One request in the list: a checkbox and a link of two lines. The time is the deadline, or the age without one and in a list by age. */
export function ApprovalRow({
  approval,
  search,
  isOpen,
  isSelected,
  isInGroup,
  onToggle,
}: {
  approval: ApprovalSummary;
  search: FilterSearch;
  isOpen: boolean;
  isSelected: boolean;
  isInGroup: boolean;
  onToggle: OnToggle | undefined;
}) {
  const title = shortened(headline(approval));
  const lastSort = useListChoice((choice) => choice.sort);
  const { sort } = toFilters(search, lastSort);
  const isPending = approval.status === 'PENDING';
  return (
    <div
      className="row"
      data-risk={riskLook(approval.riskLevel)}
      data-open={isOpen}
      data-selected={isSelected}
      data-pending={isPending}
      data-in-group={isInGroup}
    >
      {onToggle !== undefined && (
        <label className="row-select">
          <input
            type="checkbox"
            checked={isSelected}
            onChange={({ nativeEvent }) =>
              onToggle(approval.id, nativeEvent instanceof MouseEvent && nativeEvent.shiftKey)
            }
            aria-label={`Select: ${literalTitle(title)}`}
          />
        </label>
      )}
      <Link
        to="/approvals/$id"
        params={{ id: approval.id }}
        search={search}
        className="row-link"
        onClick={() => expectShown(approval.id)}
      >
        <span className="row-line">
          <span className="row-title">
            {approval.kind === 'outcome' && <QuestionMarkCircleIcon aria-hidden="true" />}
            <span>
              <LiteralText>{title}</LiteralText>
            </span>
          </span>
        </span>
        <span className="row-line row-facts">
          {isPending ? <RiskBadge level={approval.riskLevel} /> : <Ending approval={approval} />}
          {approval.dueAt !== null && <DueMark dueAt={approval.dueAt} />}
          {approval.holds[0] !== undefined && <HeldBadge hold={approval.holds[0]} />}
          {approval.openQuestions > 0 && (
            <span className="claim-badge">
              <span className="badge-text">Asked, waiting for the answer</span>
            </span>
          )}
          {approval.claim !== null && <ClaimBadge claim={approval.claim} />}
          <code>
            <LiteralText>{toolOf(approval)}</LiteralText>
          </code>
          <span className="row-requester">
            <Requester approval={approval} isShort />
          </span>
          <span className="row-time">
            {isPending && approval.expiresAt !== null && sort !== 'age' ? (
              <TimeLeft expiresAt={approval.expiresAt} />
            ) : (
              <TimeAgo at={approval.decidedAt ?? approval.createdAt} />
            )}
          </span>
        </span>
      </Link>
    </div>
  );
}

function HeldBadge({ hold }: { hold: Hold }) {
  const me = useMe();
  return (
    <span className="held-badge">
      <span className="badge-text">
        <LiteralText>{heldText(hold, me.name)}</LiteralText>
      </span>
      <TimeToDecision hold={hold} />
    </span>
  );
}

function ClaimBadge({ claim }: { claim: Claim }) {
  const text = claimText(claim, useMe().name);
  return (
    <span className="claim-badge" title={literalTitle(text)}>
      <HandRaisedIcon aria-hidden="true" />
      <span className="badge-text">
        <LiteralText>{text}</LiteralText>
      </span>
    </span>
  );
}

function Ending({ approval }: { approval: ApprovalSummary }) {
  const me = useMe();
  return (
    <>
      <span className="ending" data-ending={approval.status}>
        {approval.edited && <PencilIcon aria-hidden="true" />}
        {statusWord(approval)}
      </span>
      <span className="row-by">
        <LiteralText>{endedBy(approval, me.name)}</LiteralText>
      </span>
    </>
  );
}
