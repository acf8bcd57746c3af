import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { LongText } from '../ui/long-text.tsx';
import { Section } from './section.tsx';

/** The messages before the request, oldest first. */
export function Conversation({ messages }: { messages: ReviewerApproval['conversation'] }) {
  if (messages.length === 0) return null;
  return (
    <Section title="Recent messages">
      <ol className="messages">
        {messages.map(({ role, text }, index) => (
          <li key={index} className="message" data-role={role === 'user' ? 'user' : 'other'}>
            <span className="message-role">
              <LiteralText>{role}</LiteralText>
            </span>
            <div className="message-text">
              <LongText>{text}</LongText>
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
