import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import type { Voting } from '../../src/contract/votes.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { exactTime, TimeAgo } from '../ui/time.tsx';
import { counted } from '../wording.ts';
import { Section } from './section.tsx';

type Vote = Voting['votes'][number];

/** The stages of a request that takes several approvals, whose turn it is, and who voted for what. */
export function Votes({ approval: { voting, version, allowSelf } }: { approval: ReviewerApproval }) {
  if (voting === null) return null;
  const { stages, votes, edits } = voting;
  const before = votes.filter(({ counts }) => !counts);
  return (
    <Section title="Approvals">
      <ol className="stages">
        {stages.map(({ number, of, needed, given, state, reason }) => (
          <li key={number} className="stage" data-state={state} {...(state === 'open' && { 'aria-current': 'step' })}>
            <p>
              <strong>
                <LiteralText>{of.join(' or ')}</LiteralText>
              </strong>{' '}
              <span className="stage-state">
                {given} of {needed} · {stateWords[state]}
              </span>
            </p>
            {reason !== null && <p className="quiet-text">{reason}</p>}
            <VoteList votes={votes.filter((vote) => vote.counts && vote.stage === number)} />
          </li>
        ))}
      </ol>
      {edits.length > 0 && (
        <>
          <p className="quiet-text">
            {version > 1 && `This is version ${version}. `}
            {edits.map(({ by, version: made, at }) => (
              <span key={made} title={exactTime(at)}>
                <LiteralText>{by}</LiteralText> wrote version {made}.{' '}
              </span>
            ))}
          </p>
          {before.length > 0 && (
            <div className="votes-before">
              <h3>{counted(before.length, 'vote')} before the edit, not counted</h3>
              <VoteList votes={before} />
            </div>
          )}
        </>
      )}
      {allowSelf && <p className="quiet-text">The person that the assistant acts for may approve.</p>}
    </Section>
  );
}

const stateWords: Record<Voting['stages'][number]['state'], string> = {
  passed: 'complete',
  open: 'takes votes now',
  'to-come': 'comes later',
  ended: 'not reached',
};

function VoteList({ votes }: { votes: readonly Vote[] }) {
  if (votes.length === 0) return null;
  return (
    <ul className="votes">
      {votes.map(({ by, onBehalfOf, vote, version, counts, note, at }) => (
        <li key={`${version} ${by}`} data-vote={vote}>
          <LiteralText>{by}</LiteralText>
          {onBehalfOf !== null && (
            <>
              {' '}
              for <LiteralText>{onBehalfOf}</LiteralText>
            </>
          )}{' '}
          {counts ? '' : 'had '}
          {vote === 'approve' ? 'approved' : 'rejected'}
          {counts ? '' : ` version ${version}`} · <TimeAgo at={at} />
          {note !== null && (
            <blockquote className="quote">
              <LiteralText>{note}</LiteralText>
            </blockquote>
          )}
        </li>
      ))}
    </ul>
  );
}
