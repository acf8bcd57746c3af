import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { LiteralText } from '../ui/literal-text.tsx';
import { shortened } from '../wording.ts';

/**
 * The assistant of the Connection Key. Names that the program gives itself and the user are its claims, in quotes.
 * `isShort`: with fewer words, for a row.
 */
export function Requester({
  approval: { assistant, agentName, onBehalfOf },
  isShort = false,
}: {
  approval: Pick<ApprovalSummary, 'assistant' | 'agentName' | 'onBehalfOf'>;
  isShort?: boolean;
}) {
  const claims = [
    ...(agentName !== null && agentName !== assistant ? [{ is: isShort ? '' : 'is ', name: agentName }] : []),
    ...(onBehalfOf === null ? [] : [{ is: isShort ? 'for ' : 'acts for ', name: onBehalfOf }]),
  ];
  return (
    <>
      <strong>
        <LiteralText>{assistant}</LiteralText>
      </strong>
      {claims.length > 0 && (isShort ? ' · ' : ' · says it ')}
      {claims.map(({ is, name }, index) => (
        <span key={is}>
          {index > 0 && (isShort ? ' ' : ' and ')}
          {is}“<LiteralText edges>{shortened(name, 80)}</LiteralText>”
        </span>
      ))}
    </>
  );
}
