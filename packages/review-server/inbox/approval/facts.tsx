import { ArrowTopRightOnSquareIcon } from '@heroicons/react/16/solid';
import type { ReactNode } from 'react';
import type { Delivery } from '../../src/contract/review-admin.ts';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { exactTime } from '../ui/time.tsx';
import { counted } from '../wording.ts';
import { Section } from './section.tsx';

/** Where it comes from, where it leads, and what happens when nobody decides. */
export function Facts({ approval }: { approval: ReviewerApproval }) {
  const {
    id,
    assistant,
    agentName,
    onBehalfOf,
    riskLevel,
    priority,
    createdAt,
    expiresAt,
    atExpiry,
    runUrl,
    workflowUrl,
    deliveries,
    status,
  } = approval;
  return (
    <Section title="About this request">
      <dl className="facts">
        <Fact name="Assistant">
          <LiteralText>{assistant}</LiteralText>
          {agentName !== null && agentName !== assistant && (
            <>
              {' '}
              (<LiteralText>{agentName}</LiteralText>)
            </>
          )}
        </Fact>
        {onBehalfOf !== null && (
          <Fact name="On behalf of">
            <LiteralText>{onBehalfOf}</LiteralText>
          </Fact>
        )}
        {status !== 'PENDING' && (
          <Fact name="Risk">
            <LiteralText>{riskLevel}</LiteralText>
          </Fact>
        )}
        {priority !== null && priority !== 'normal' && (
          <Fact name="Priority">
            <LiteralText>{priority}</LiteralText>
          </Fact>
        )}
        <Fact name="Asked">
          <time dateTime={createdAt}>{exactTime(createdAt)}</time>
        </Fact>
        {expiresAt === null ? (
          status === 'PENDING' && <Fact name="Waits">without end</Fact>
        ) : (
          <Fact name="Closes">
            <time dateTime={expiresAt}>{exactTime(expiresAt)}</time>
          </Fact>
        )}
        {status === 'PENDING' && atExpiry !== null && (
          <Fact name="At that time">
            <LiteralText>{atExpiry}</LiteralText>
          </Fact>
        )}
        {(runUrl !== null || workflowUrl !== null) && (
          <Fact name="Look into">
            {runUrl !== null && <Outside to={runUrl}>the run</Outside>}
            {workflowUrl !== null && <Outside to={workflowUrl}>its Workflow in Temporal</Outside>}
          </Fact>
        )}
        {deliveries.map((delivery) => (
          <Fact key={delivery.id} name="Told">
            <Told delivery={delivery} />
          </Fact>
        ))}
        <Fact name="Id">
          <code>{id}</code>
          <CopyButton label="Copy the id" text={id} />
        </Fact>
      </dl>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Outside({ to, children }: { to: string; children: ReactNode }) {
  // The server takes http and https only; what it took before that rule is shown as text.
  if (!/^https?:\/\//i.test(to)) return <LiteralText>{to}</LiteralText>;
  return (
    <a href={to} target="_blank" rel="noopener noreferrer" className="outside">
      {children}
      <ArrowTopRightOnSquareIcon aria-hidden="true" />
      <span className="visually-hidden"> (new tab)</span>
    </a>
  );
}

function Told({ delivery: { to, state, attempts, deliveredAt } }: { delivery: Delivery }) {
  const problem = attempts.at(-1)?.problem ?? null;
  const tries = counted(attempts.length, 'attempt');
  if (deliveredAt !== null)
    return (
      <>
        <LiteralText>{to}</LiteralText>, {exactTime(deliveredAt)}
      </>
    );
  return (
    <>
      <LiteralText>{to}</LiteralText>:{' '}
      {state === 'given-up' ? `given up after ${tries}` : attempts.length === 0 ? 'not yet' : `not yet, after ${tries}`}
      {problem !== null && (
        <>
          . <LiteralText>{problem}</LiteralText>
        </>
      )}
    </>
  );
}
