import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { LongText } from '../ui/long-text.tsx';
import { Section } from './section.tsx';

/** The note of the decision. */
export function DecisionNote({ approval: { decisionNote, decidedBy } }: { approval: ReviewerApproval }) {
  if (decisionNote === null) return null;
  return (
    <Section title={decidedBy === null ? 'Note' : `Note by ${decidedBy}`}>
      <blockquote className="quote">
        <LongText>{decisionNote}</LongText>
      </blockquote>
    </Section>
  );
}
