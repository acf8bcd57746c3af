import { Link } from '@tanstack/react-router';
import type { Rule, RuleTrial } from '../../src/contract/review-admin.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { Notice, NoticePlace } from '../ui/notice.tsx';
import { RiskBadge } from '../ui/risk-badge.tsx';
import { TimeAgo } from '../ui/time.tsx';
import { counted, endedBy, statusWord } from '../wording.ts';

/** The decisions that a rule would have made, and the ones that differ from those of reviewers. */
export function RuleTrialResult({ trial, decision }: { trial: RuleTrial | undefined; decision: Rule['decision'] }) {
  return (
    <>
      <NoticePlace>{trial !== undefined && <Summary trial={trial} decision={decision} />}</NoticePlace>
      {trial !== undefined && trial.matches.length > 0 && <Matches matches={trial.matches} />}
    </>
  );
}

function Summary({
  trial: { looked, truncated, matched, decides, people, matches },
  decision,
}: {
  trial: RuleTrial;
  decision: Rule['decision'];
}) {
  const decided = people.approved + people.approvedWithEdit + people.rejected;
  const differing = matches.filter(({ differs }) => differs).length;
  return (
    <Notice tone={differing > 0 ? 'bad' : 'info'}>
      <p>
        <strong>{`The rule would have decided ${decides} of ${counted(looked, 'request')}.`}</strong>
        {truncated && ' Only the newest requests were tested.'}
        {matched > decides && ` Earlier rules decide ${matched - decides} more of the matching requests.`}
      </p>
      {decision !== 'review' && decided === 0 && <p>Reviewers decided none of them.</p>}
      {decision !== 'review' && decided > 0 && (
        <p>
          Reviewers approved {people.approved}, approved {people.approvedWithEdit} with changes, and rejected{' '}
          {people.rejected}.
          {differing > 0 && ` ${counted(differing, 'decision differs', 'decisions differ')} from the rule.`}
        </p>
      )}
    </Notice>
  );
}

function Matches({ matches }: Pick<RuleTrial, 'matches'>) {
  return (
    <div className="table-scroller" tabIndex={0} role="region" aria-label="Requests that the rule would have decided">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Request</th>
            <th scope="col">Assistant</th>
            <th scope="col">Risk</th>
            <th scope="col">Decision</th>
            <th scope="col">Requested</th>
          </tr>
        </thead>
        <tbody>
          {matches.map((match) => (
            <tr key={match.id} data-differs={match.differs}>
              <th scope="row">
                <Link to="/approvals/$id" params={{ id: match.id }} target="_blank">
                  <LiteralText>{match.summary || match.action}</LiteralText>
                </Link>
              </th>
              <td>
                <LiteralText>{match.assistant}</LiteralText>
              </td>
              <td>
                <RiskBadge level={match.riskLevel} />
              </td>
              <td>
                {match.differs && <strong>Differs: </strong>}
                {statusWord({ ...match, kind: 'call', autoDecisionRuleName: null })}{' '}
                <LiteralText>
                  {match.decisionReasonCode === 'rule'
                    ? 'by a rule'
                    : endedBy({ ...match, kind: 'call', autoDecisionRuleName: null })}
                </LiteralText>
              </td>
              <td>
                <TimeAgo at={match.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
