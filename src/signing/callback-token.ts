import { equalInConstantTime, hmacSha256 } from '@holdpoint/json/digest';

/** The subject of a callback address: one numbered request for one tool call of one run. */
export type CallbackClaim = { workflowId: string; callKey: string; request: number };

/**
 * Makes and verifies the tokens in callback addresses (`<public URL>/callbacks/cheqpoint/<token>`), so that only requests of
 * this namespace can signal a run. A token is `<claim>.<HMAC-SHA256 over namespace and claim>`, both base64url. It holds no
 * secret, permits only a hint, and does not expire, since a wait may last for weeks.
 * @param secrets - The first signs, all verify.
 * @throws Error without a secret.
 */
export function createCallbackTokens({ namespace, secrets }: { namespace: string; secrets: readonly string[] }): {
  make(claim: CallbackClaim): string;
  /** Undefined for a token that was not made with one of the secrets for this namespace. */
  verify(token: string): CallbackClaim | undefined;
} {
  const [signing] = secrets;
  if (signing === undefined || secrets.includes(''))
    throw new Error('Callback tokens need at least one secret, and none may be empty.');
  const mac = (secret: string, claim: string) =>
    hmacSha256(secret, JSON.stringify(['holdpoint-callback-1', namespace, claim]));
  return {
    make({ workflowId, callKey, request }) {
      const claim = Buffer.from(JSON.stringify([workflowId, callKey, request])).toString('base64url');
      return `${claim}.${mac(signing, claim).toString('base64url')}`;
    },
    verify(token) {
      const [claim, given, ...rest] = token.split('.');
      if (!claim || !given || rest.length > 0) return undefined;
      const found = Buffer.from(given, 'base64url');
      // Node's decoder skips unknown characters: two spellings of one token must not both be valid.
      if (found.toString('base64url') !== given) return undefined;
      // All secrets are tried, so that the time does not tell which one fits.
      const valid = secrets.map((secret) => mac(secret, claim)).filter((each) => equalInConstantTime(each, found));
      if (valid.length === 0) return undefined;
      const [workflowId, callKey, request] = JSON.parse(Buffer.from(claim, 'base64url').toString()) as [
        string,
        string,
        number,
      ];
      return { workflowId, callKey, request };
    },
  };
}
