import type { Call, Json, RecordedCall, RecordedDecision } from '@holdpoint/client';
import { Link } from '@tanstack/react-router';
import { LiteralText } from '../ui/literal-text.tsx';
import { LongText } from '../ui/long-text.tsx';
import { exactTime } from '../ui/time.tsx';
import { counted } from '../wording.ts';

const endings: Record<
  NonNullable<RecordedCall['settledAs']>,
  { text: string; tone: 'good' | 'warn' | 'bad' | 'off' }
> = {
  ran: { text: 'Ran', tone: 'good' },
  approved: { text: 'Approved', tone: 'good' },
  answered: { text: 'Answered without running', tone: 'off' },
  rejected: { text: 'Rejected', tone: 'bad' },
  expired: { text: 'Expired', tone: 'bad' },
  withdrawn: { text: 'Withdrawn', tone: 'off' },
  superseded: { text: 'Replaced by a newer message', tone: 'off' },
  repeated: { text: 'Denied before, not asked again', tone: 'bad' },
  failed: { text: 'Failed', tone: 'bad' },
  confirmed: { text: 'Confirmed by a person', tone: 'warn' },
  'given-up': { text: 'Outcome unknown', tone: 'bad' },
  'unknown-tool': { text: 'Unknown tool', tone: 'off' },
  'bad-arguments': { text: 'Bad arguments', tone: 'off' },
};
const openStates: Record<Call['state'], string> = {
  requesting: 'Asking for a decision',
  waiting: 'Waiting for a person',
  settling: 'Settling',
  parked: 'Parked',
  done: 'Done',
};

/** One call with its requests, decisions and output. `open`: its state in a run that is open. */
export function RecordedCallView({ call, open }: { call: RecordedCall; open: Call | undefined }) {
  const { tool, requests, decisions, ranWith, attempts, startedAt, worker, settledAs, settledAt, output } = call;
  const end = settledAs === null ? undefined : endings[settledAs];
  return (
    <article className="run-call" aria-label={`Call of ${tool}`}>
      <header>
        <h3>
          <LiteralText>{tool}</LiteralText>
        </h3>
        <span className="state" data-state={end?.tone ?? (open ? 'warn' : 'off')}>
          {end?.text ?? (open ? openStates[open.state] : 'Not settled')}
        </span>
        {settledAt !== null && <span className="quiet-text">{exactTime(settledAt)}</span>}
      </header>
      {call.arguments !== null && <Value name="Arguments">{valueText(call.arguments)}</Value>}
      <ul className="run-steps">
        {requests.map(({ request, kind, id, requestedAt }) => (
          <li key={request}>
            {kind === 'outcome' ? 'Asked whether it happened' : 'Asked for a decision'}, {exactTime(requestedAt)}
            {id !== null && (
              <>
                {' · '}
                <Link to="/approvals/$id" params={{ id }}>
                  {requests.length > 1 ? `Request ${request}` : 'Open the request'}
                </Link>
              </>
            )}
          </li>
        ))}
        {decisions.map((decision, index) => (
          <DecisionStep key={index} decision={decision} />
        ))}
        {attempts > 0 && (
          <li>
            {counted(attempts, 'attempt')}
            {startedAt !== null && `, the last at ${exactTime(startedAt)}`}
            {worker !== null && (
              <span className="quiet-text">
                {' '}
                · <LiteralText>{worker}</LiteralText>
              </span>
            )}
          </li>
        )}
      </ul>
      {ranWith !== null && <Value name="Ran with">{valueText(ranWith)}</Value>}
      {output !== null && <Value name="Output">{output}</Value>}
    </article>
  );
}

const outcomes = { approved: 'Approved', rejected: 'Rejected', expired: 'Expired', withdrawn: 'Withdrawn' };
const deciders = { person: 'a person', rule: 'a rule', system: 'the system' };

function DecisionStep({ decision }: { decision: RecordedDecision }) {
  const { decision: made, reviewer, rule, note, edit, removed, reviewedAgain } = decision;
  return (
    <li>
      {outcomes[made.outcome]} by{' '}
      <LiteralText>{reviewer ?? (rule === null ? deciders[made.by] : `the rule “${rule}”`)}</LiteralText>
      {made.decidedAt !== null && `, ${exactTime(made.decidedAt)}`}
      {note !== null && (
        <>
          : <LongText>{note}</LongText>
        </>
      )}
      {edit !== null && <Value name="Edit">{valueText(edit)}</Value>}
      {removed.length > 0 && (
        <p>
          Removed: <LiteralText>{removed.join(', ')}</LiteralText>
        </p>
      )}
      {reviewedAgain !== null && (
        <p>
          Asked again: <LiteralText>{reviewedAgain}</LiteralText>
        </p>
      )}
    </li>
  );
}

function Value({ name, children }: { name: string; children: string }) {
  return (
    <div className="run-value">
      <h4>{name}</h4>
      <pre tabIndex={0} role="region" aria-label={name}>
        <LongText>{children}</LongText>
      </pre>
    </div>
  );
}

/** A value for people: a text as it is, anything else as JSON. */
export function valueText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
