import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { LongText } from '../ui/long-text.tsx';
import { Section } from './section.tsx';

/** The reason given, and whose words it is in: a model's are not checked by anybody. Then the note of the decision. */
export function Justification({
  approval: { justification, justificationFrom, decisionNote, decidedBy },
}: {
  approval: ReviewerApproval;
}) {
  return (
    <>
      {justification !== null && (
        <Section
          title={justificationFrom === 'model' ? 'Why, in the model’s own words' : 'Why'}
          tools={justificationFrom === 'model' && <span className="unchecked">not checked by anyone</span>}
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
