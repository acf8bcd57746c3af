import { ArrowTopRightOnSquareIcon } from '@heroicons/react/16/solid';
import type { ReactNode } from 'react';
import type { Delivery } from '../../src/contract/deliveries.ts';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { exactTime } from '../ui/time.tsx';
import { counted } from '../wording.ts';
import { Section } from './section.tsx';

/** Requester, times, links and callbacks of a request. */
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
        </Fact>
        {agentName !== null && agentName !== assistant && (
          <Fact name="Says it is">
            “<LiteralText edges>{agentName}</LiteralText>”
          </Fact>
        )}
        {onBehalfOf !== null && (
          <Fact name="Says it acts for">
            “<LiteralText edges>{onBehalfOf}</LiteralText>”
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
        <Fact name="Requested">
          <time dateTime={createdAt}>{exactTime(createdAt)}</time>
        </Fact>
        {expiresAt === null ? (
          status === 'PENDING' && <Fact name="Expires">never</Fact>
        ) : (
          <Fact name="Expires">
            <time dateTime={expiresAt}>{exactTime(expiresAt)}</time>
          </Fact>
        )}
        {status === 'PENDING' && atExpiry !== null && (
          <Fact name="On expiry">
            <LiteralText>{atExpiry}</LiteralText>
          </Fact>
        )}
        {(runUrl !== null || workflowUrl !== null) && (
          <Fact name="Links">
            {runUrl !== null && <Outside to={runUrl}>Run</Outside>}
            {workflowUrl !== null && <Outside to={workflowUrl}>Workflow in Temporal</Outside>}
          </Fact>
        )}
        {deliveries.map((delivery) => (
          <Fact key={delivery.id} name="Callback">
            <Callback delivery={delivery} />
          </Fact>
        ))}
        <Fact name="ID">
          <code>{id}</code>
          <CopyButton label="Copy ID" text={id} />
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
  // The server accepts only http and https. Older requests with another scheme show it as text.
  if (!/^https?:\/\//i.test(to)) return <LiteralText>{to}</LiteralText>;
  return (
    <a href={to} target="_blank" rel="noopener noreferrer" className="outside">
      {children}
      <ArrowTopRightOnSquareIcon aria-hidden="true" />
      <span className="visually-hidden"> (new tab)</span>
    </a>
  );
}

function Callback({ delivery: { to, state, attempts, deliveredAt } }: { delivery: Delivery }) {
  const problem = attempts.at(-1)?.problem ?? null;
  const tries = counted(attempts.length, 'attempt');
  if (deliveredAt !== null)
    return (
      <>
        <LiteralText>{to}</LiteralText>: delivered {exactTime(deliveredAt)}
      </>
    );
  return (
    <>
      <LiteralText>{to}</LiteralText>:{' '}
      {state === 'given-up' ? `given up after ${tries}` : attempts.length === 0 ? 'pending' : `pending after ${tries}`}
      {problem !== null && (
        <>
          . <LiteralText>{problem}</LiteralText>
        </>
      )}
    </>
  );
}
