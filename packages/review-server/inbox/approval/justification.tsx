import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { LongText } from '../ui/long-text.tsx';
import { Section } from './section.tsx';

/** The justification of the requester or the model, and the note of the decision. */
export function Justification({
  approval: { justification, justificationFrom, decisionNote, decidedBy },
}: {
  approval: ReviewerApproval;
}) {
  return (
    <>
      {justification !== null && (
        <Section
          title={justificationFrom === 'model' ? 'Justification by the model' : 'Justification'}
          tools={justificationFrom === 'model' && <span className="unchecked">unverified</span>}
        >
          <blockquote className="quote" data-from={justificationFrom ?? 'asker'}>
            <LongText>{justification}</LongText>
          </blockquote>
        </Section>
      )}
      {decisionNote !== null && (
        <Section title={decidedBy === null ? 'Note' : `Note by ${decidedBy}`}>
          <blockquote className="quote">
            <LongText>{decisionNote}</LongText>
          </blockquote>
        </Section>
      )}
    </>
  );
}
