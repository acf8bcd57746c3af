import { ArrowLeftIcon, HandRaisedIcon } from '@heroicons/react/16/solid';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { approvalQuery } from '../api/queries.ts';
import { problemText, request } from '../api/request.ts';
import { useInbox } from '../list/inbox-context.ts';
import { useMe } from '../session/session.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice } from '../ui/notice.tsx';
import { RiskBadge } from '../ui/risk-badge.tsx';
import { TimeAgo, TimeLeft } from '../ui/time.tsx';
import { headline, statusWord, toolOf } from '../wording.ts';

/** What will happen in one sentence, how risky that is and why, who asks, and how long there is. */
export function Headline({ approval }: { approval: ReviewerApproval }) {
  const {
    id,
    kind,
    status,
    riskLevel,
    riskScore,
    riskReason,
    assistant,
    agentName,
    onBehalfOf,
    createdAt,
    expiresAt,
    claim,
  } = approval;
  const { close, walkedTo } = useInbox();
  const me = useMe();
  const isPending = status === 'PENDING';
  const title = useRef<HTMLHeadingElement>(null);
  const [staysInList] = useState(walkedTo === id);
  useEffect(() => {
    if (!staysInList || matchMedia('(max-width: 56rem)').matches) title.current?.focus({ preventScroll: true });
  }, [staysInList]);
  return (
    <header className="headline">
      <div className="headline-top">
        <span className="back">
          <Button look="quiet" size="small" icon={<ArrowLeftIcon aria-hidden="true" />} onPress={close}>
            List
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
          {isPending && me.may('reviewer') && <ClaimButton approval={approval} />}
          <CopyButton label="Copy the link to this approval" text={`${location.origin}/approvals/${id}`} />
        </span>
      </div>
      <h1 id="headline" ref={title} tabIndex={-1}>
        <LiteralText>{headline(approval)}</LiteralText>
      </h1>
      <p className="headline-who">
        Asked by{' '}
        <strong>
          <LiteralText>{agentName ?? assistant}</LiteralText>
        </strong>
        {onBehalfOf !== null && (
          <>
            {' '}
            on behalf of{' '}
            <strong>
              <LiteralText>{onBehalfOf}</LiteralText>
            </strong>
          </>
        )}
        {' · '}
        <TimeAgo at={createdAt} />
        {isPending && claim !== null && claim.by !== me.name && (
          <span className="claim-badge">
            <HandRaisedIcon aria-hidden="true" />
            <LiteralText>{claim.by}</LiteralText> is on it, since <TimeAgo at={claim.at} />
          </span>
        )}
      </p>
      {kind === 'outcome' && (
        <p className="headline-what">
          Nobody saw how{' '}
          <code>
            <LiteralText>{toolOf(approval)}</LiteralText>
          </code>{' '}
          ended. Look into the system that it acts on, then answer.
        </p>
      )}
      {riskReason !== null && (
        <p className="headline-why">
          <strong>Why it came to a person:</strong> <LiteralText>{riskReason}</LiteralText>
        </p>
      )}
    </header>
  );
}

function ClaimButton({ approval: { id, claim } }: { approval: ReviewerApproval }) {
  const me = useMe();
  const client = useQueryClient();
  const isMine = claim?.by === me.name;
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
        aria-pressed={isMine}
      >
        {isMine ? 'You are on it' : 'I’m on it'}
      </Button>
    </>
  );
}
