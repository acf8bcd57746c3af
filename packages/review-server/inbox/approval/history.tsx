import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useId } from 'react';
import type { PastDecision, ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { historyQuery } from '../api/queries.ts';
import { useInbox } from '../list/inbox-context.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { TimeAgo } from '../ui/time.tsx';
import { endedBy, headline, shortened, statusWord, toolOf } from '../wording.ts';
import { Section } from './section.tsx';

const noteCharacters = 140;

/** The last decisions on the same action and on the same subject. */
export function History({ approval }: { approval: ReviewerApproval }) {
  const { data } = useQuery(historyQuery(approval.id));
  if (data === undefined || (approval.subject === null && data.sameAction.length === 0)) return null;
  return (
    <Section title="Last decisions">
      <div className="history">
        {approval.subject !== null && (
          <Decisions decisions={data.sameSubject} none="No decision on this subject yet." showsAction>
            About “<LiteralText edges>{approval.subject}</LiteralText>”
          </Decisions>
        )}
        {data.sameAction.length > 0 && (
          <Decisions decisions={data.sameAction}>
            On{' '}
            <code>
              <LiteralText>{toolOf(approval)}</LiteralText>
            </code>{' '}
            by <LiteralText>{approval.assistant}</LiteralText>
          </Decisions>
        )}
      </div>
    </Section>
  );
}

function Decisions({
  decisions,
  none,
  showsAction = false,
  children,
}: {
  decisions: readonly PastDecision[];
  none?: string;
  /** The decisions are on several actions. */
  showsAction?: boolean;
  children: React.ReactNode;
}) {
  const { search } = useInbox();
  const id = useId();
  return (
    <div role="group" aria-labelledby={id}>
      <h3 id={id}>{children}</h3>
      {decisions.length === 0 && <p className="quiet-text">{none}</p>}
      <ol className="history-list">
        {decisions.map((decision) => (
          <li key={decision.id}>
            <p>
              <span className="ending" data-ending={decision.status}>
                {statusWord(decision)}
              </span>{' '}
              <Link to="/approvals/$id" params={{ id: decision.id }} search={search}>
                <LiteralText>{shortened(headline(decision), 120)}</LiteralText>
              </Link>
            </p>
            <p className="quiet-text">
              <LiteralText>{endedBy(decision)}</LiteralText>
              {decision.decidedAt !== null && (
                <>
                  {' · '}
                  <TimeAgo at={decision.decidedAt} />
                </>
              )}
              {showsAction && (
                <>
                  {' · '}
                  <LiteralText>{`${toolOf(decision)} by ${decision.assistant}`}</LiteralText>
                </>
              )}
            </p>
            {decision.decisionNote !== null && (
              <p className="history-note">
                “<LiteralText>{shortened(decision.decisionNote, noteCharacters)}</LiteralText>”
              </p>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
