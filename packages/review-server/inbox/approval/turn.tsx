import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { ClockTime, TimeAgo } from '../ui/time.tsx';

/** Whose turn it is and until when, the last reminder, and those who were asked in addition. */
export function TurnLine({ approval: { status, turn, times, dueAt } }: { approval: ReviewerApproval }) {
  if (status !== 'PENDING' || (turn === null && times === null)) return null;
  return (
    <p className="headline-turn">
      <span>
        Waits for <LiteralText>{turn === null ? 'a reviewer' : listed(turn.of.map(called))}</LiteralText>.
      </span>{' '}
      {times !== null && times.dueAt !== null && (
        <span>
          Due at <ClockTime at={times.dueAt} />
          {times.asksThen !== null && (
            <>
              , then <LiteralText>{called(times.asksThen)}</LiteralText> {areOrIs(times.asksThen)} asked
            </>
          )}
          .
        </span>
      )}{' '}
      {times !== null && times.dueAt === null && dueAt !== null && (
        <strong className="overdue">
          Overdue since <ClockTime at={dueAt} />.
        </strong>
      )}{' '}
      {times?.asked.map(({ who, at }) => (
        <span key={`${who} ${at}`}>
          <LiteralText>{capital(called(who))}</LiteralText> {who === 'admins' ? 'were' : 'was'} asked at{' '}
          <ClockTime at={at} />.{' '}
        </span>
      ))}
      {times !== null && times.remindedAt !== null && (
        <span>
          Reminded <TimeAgo at={times.remindedAt} />.
        </span>
      )}
    </p>
  );
}

function called(who: string): string {
  return who === 'admins' ? 'the administrators' : who;
}

function capital(text: string): string {
  return text.startsWith('the ') ? `T${text.slice(1)}` : text;
}

function areOrIs(who: string): string {
  return who === 'admins' ? 'are' : 'is';
}

function listed(names: readonly string[]): string {
  return names.join(' or ');
}
