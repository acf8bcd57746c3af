import type { ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { LongText } from '../ui/long-text.tsx';
import { Section } from './section.tsx';

const claimCharacters = 600;
const claimLines = 8;

/** The reason and the justification, marked as claims of the program that asks. */
export function Claims({
  approval: { riskReason, justification, justificationFrom },
}: {
  approval: Pick<ReviewerApproval, 'riskReason' | 'justification' | 'justificationFrom'>;
}) {
  if (riskReason === null && justification === null) return null;
  return (
    <Section title="The assistant says" tools={<span className="unchecked">unverified</span>}>
      <div className="claims">
        {riskReason !== null && (
          <>
            <h3>Why it needs review</h3>
            <blockquote className="quote">
              <LongText characters={claimCharacters} lines={claimLines}>
                {riskReason}
              </LongText>
            </blockquote>
          </>
        )}
        {justification !== null && (
          <>
            <h3>{justificationFrom === 'model' ? 'Justification by the model' : 'Justification'}</h3>
            <blockquote className="quote" data-from={justificationFrom ?? 'asker'}>
              <LongText characters={claimCharacters} lines={claimLines}>
                {justification}
              </LongText>
            </blockquote>
          </>
        )}
      </div>
    </Section>
  );
}
