import { ArrowLeftIcon, HandRaisedIcon } from '@heroicons/react/16/solid';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Claim } from '../../src/contract/desk.ts';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { approvalQuery } from '../api/queries.ts';
import { problemText, request } from '../api/request.ts';
import { useInbox } from '../list/inbox-context.ts';
import { useMe } from '../session/session.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { beginningOf, LongTextTools } from '../ui/long-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { RiskBadge } from '../ui/risk-badge.tsx';
import { TimeAgo, TimeLeft } from '../ui/time.tsx';
import { claimText, headline, statusWord, toolOf } from '../wording.ts';
import { Requester } from './requester.tsx';
import { TurnLine } from './turn.tsx';

const summaryCharacters = 160;
const summaryLines = 4;

/** The request in one sentence, its risk, the requester and the remaining time. */
export function Headline({ approval }: { approval: ReviewerApproval }) {
  const { id, kind, status, riskLevel, riskScore, createdAt, expiresAt, claim } = approval;
  const { close, walkedTo } = useInbox();
  const me = useMe();
  const isPending = status === 'PENDING';
  const mayDecide = approval.canDecide !== null && (approval.canDecide.approve || approval.canDecide.reject);
  const isMine = claim !== null && isOwn(claim, me.name);
  const title = useRef<HTMLHeadingElement>(null);
  const text = headline(approval);
  const beginning = beginningOf(text, summaryCharacters, summaryLines);
  const [isOpen, setOpen] = useState(false);
  const [staysInList] = useState(walkedTo === id);
  useEffect(() => {
    if (!staysInList || matchMedia('(max-width: 56rem)').matches) title.current?.focus({ preventScroll: true });
  }, [staysInList]);
  return (
    <header className="headline">
      <div className="headline-top">
        <span className="back">
          <Button look="quiet" size="small" icon={<ArrowLeftIcon aria-hidden="true" />} onPress={close}>
            Back
          </Button>
        </span>
        {isPending ? (
          <RiskBadge level={riskLevel} score={riskScore} />
        ) : (
          <span className="ending ending-large" data-ending={status}>
            {statusWord(approval)}
          </span>
        )}
        {isPending && expiresAt !== null && <TimeLeft expiresAt={expiresAt} />}
        <span className="headline-tools">
          {isPending && me.may('reviewer') && (mayDecide || isMine) && <ClaimButton approval={approval} />}
          <CopyButton label="Copy link" text={`${location.origin}/approvals/${id}`} />
        </span>
      </div>
      <h1 id="headline" ref={title} tabIndex={-1}>
        <LiteralText>{isOpen || beginning === text ? text : `${beginning}…`}</LiteralText>
      </h1>
      {beginning !== text && (
        <LongTextTools text={text} beginning={beginning} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      )}
      <p className="headline-who">
        Requested by <Requester approval={approval} />
        {' · '}
        <TimeAgo at={createdAt} />
        {isPending && claim !== null && (claim.assignedBy !== null || !isMine) && (
          <span className="claim-badge">
            <HandRaisedIcon aria-hidden="true" />
            <span>
              <LiteralText>{claimText(claim, me.name)}</LiteralText> · <TimeAgo at={claim.at} />
            </span>
          </span>
        )}
      </p>
      <TurnLine approval={approval} />
      {kind === 'outcome' && (
        <p className="headline-what">
          The result of{' '}
          <code>
            <LiteralText>{toolOf(approval)}</LiteralText>
          </code>{' '}
          is unknown. Check the target system, then answer.
        </p>
      )}
    </header>
  );
}

function ClaimButton({ approval: { id, claim } }: { approval: ReviewerApproval }) {
  const me = useMe();
  const client = useQueryClient();
  const isMine = claim !== null && isOwn(claim, me.name);
  const change = useMutation({
    mutationFn: () =>
      request<ReviewerApproval>(isMine ? 'DELETE' : 'PUT', `/approvals/${encodeURIComponent(id)}/claim`),
    onSuccess: (approval) => client.setQueryData(approvalQuery(id).queryKey, approval),
    onSettled: () => client.invalidateQueries({ queryKey: approvalQuery(id).queryKey }),
  });
  useShortcuts({ i: () => change.mutate() });
  return (
    <>
      {change.error !== null && <Notice tone="bad">{problemText(change.error)}</Notice>}
      <Button
        size="small"
        icon={<HandRaisedIcon aria-hidden="true" />}
        hint="I"
        onPress={() => change.mutate()}
        isPending={change.isPending}
      >
        {isMine ? 'Release' : 'Claim'}
      </Button>
    </>
  );
}

function isOwn({ by, isGroup }: Claim, me: string): boolean {
  return by === me && !isGroup;
}
