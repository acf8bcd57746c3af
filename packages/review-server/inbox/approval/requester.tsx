import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { shortened } from '../wording.ts';

/** The assistant of the Connection Key. Names that the program gives itself and the user are its claims, in quotes. */
export function Requester({
  approval: { assistant, agentName, onBehalfOf },
}: {
  approval: Pick<ApprovalSummary, 'assistant' | 'agentName' | 'onBehalfOf'>;
}) {
  const claims = [
    ...(agentName !== null && agentName !== assistant ? [{ is: 'is', name: agentName }] : []),
    ...(onBehalfOf === null ? [] : [{ is: 'acts for', name: onBehalfOf }]),
  ];
  return (
    <>
      <strong>
        <LiteralText>{assistant}</LiteralText>
      </strong>
      {claims.length > 0 && ' · says it '}
      {claims.map(({ is, name }, index) => (
        <span key={is}>
          {index > 0 && ' and '}
          {is} “<LiteralText edges>{shortened(name, 80)}</LiteralText>”
        </span>
      ))}
    </>
  );
}
