import { ChatBubbleLeftRightIcon } from '@heroicons/react/16/solid';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { ChangeDialog } from '../admin/change-dialog.tsx';
import { approvalQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { useMe } from '../session/session.ts';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { exactTime, TimeAgo } from '../ui/time.tsx';
import { Section } from './section.tsx';

type Question = ReviewerApproval['questions'][number];

/** Questions that one request can have. The server counts. */
const mostQuestions = 10;

/** The questions to the requester with their answers, and the button to ask. Asking claims and decides nothing. */
export function Questions({ approval: { id, status, questions } }: { approval: ReviewerApproval }) {
  const [isAsking, setAsking] = useState(false);
  const me = useMe();
  const mayAsk = (me.may('reviewer') || me.may('admin')) && status === 'PENDING' && questions.length < mostQuestions;
  const ask = mayAsk ? () => setAsking(true) : undefined;
  useShortcuts({ q: ask });
  if (questions.length === 0 && !mayAsk) return null;
  return (
    <Section
      title="Questions"
      tools={
        ask && (
          <Button size="small" icon={<ChatBubbleLeftRightIcon aria-hidden="true" />} hint="Q" onPress={ask}>
            Ask
          </Button>
        )
      }
    >
      {questions.length === 0 ? (
        <p className="quiet-text">Ask the assistant before you decide. The request stays open.</p>
      ) : (
        <ol className="timeline" aria-live="polite">
          {questions.map((question) => (
            <Exchange key={question.id} question={question} isOpen={status === 'PENDING'} />
          ))}
        </ol>
      )}
      {isAsking && <AskDialog id={id} onClose={() => setAsking(false)} />}
    </Section>
  );
}

function Exchange({ question: { text, askedBy, askedAt, answer, problem, answeredAt }, isOpen }: ExchangeProps) {
  const state = answer !== null ? 'answered' : problem !== null ? 'not-answered' : isOpen ? 'waiting' : 'closed';
  return (
    <li data-question={state}>
      <p>
        <strong>
          <LiteralText>{askedBy}</LiteralText>
        </strong>{' '}
        asked{' '}
        <span className="quiet-text" title={exactTime(askedAt)}>
          <TimeAgo at={askedAt} />
        </span>
      </p>
      <blockquote className="quote">
        <LiteralText>{text}</LiteralText>
      </blockquote>
      {answer !== null && (
        <>
          <p>
            Answer{' '}
            <span className="quiet-text" title={exactTime(answeredAt ?? askedAt)}>
              <TimeAgo at={answeredAt ?? askedAt} />
            </span>{' '}
            <span className="unchecked">unverified</span>
          </p>
          <blockquote className="quote">
            <LiteralText>{answer}</LiteralText>
          </blockquote>
        </>
      )}
      {problem !== null && (
        <p>
          Not answered: <LiteralText>{problem}</LiteralText>
        </p>
      )}
      {state === 'waiting' && <p className="quiet-text">Asked, waiting for the answer.</p>}
      {state === 'closed' && <p className="quiet-text">The request closed before an answer.</p>}
    </li>
  );
}
type ExchangeProps = { question: Question; isOpen: boolean };

function AskDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [isChecked, setChecked] = useState(false);
  // A repeat after a lost answer asks once.
  const questionId = useRef(
    Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-'),
  );
  const isEmpty = text.trim() === '';
  return (
    <ChangeDialog
      title="Ask the assistant"
      verb="Ask"
      check={() => {
        setChecked(true);
        return !isEmpty;
      }}
      change={() =>
        request<ReviewerApproval>('POST', `/approvals/${encodeURIComponent(id)}/questions`, {
          text,
          id: questionId.current,
        })
      }
      onDone={(approval) => {
        client.setQueryData(approvalQuery(id).queryKey, approval);
        onClose();
      }}
      onClose={onClose}
    >
      <Field
        label="Question"
        description="The model or the program that asked reads it. The request stays open, with its deadline."
        rows={3}
        maxLength={2_000}
        autoFocus
        value={text}
        onChange={setText}
        problem={isChecked && isEmpty ? 'Enter a question.' : undefined}
      />
    </ChangeDialog>
  );
}
