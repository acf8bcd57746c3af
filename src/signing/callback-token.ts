import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a callback address stands for: one numbered request for one tool call of one run. */
export type CallbackClaim = { workflowId: string; callKey: string; request: number };

/**
 * Makes and verifies the tokens in callback addresses (`<public URL>/callbacks/cheqpoint/<token>`), so that strangers
 * can't even poke. A token is `<claim>.<HMAC-SHA256 over namespace and claim>`, both base64url; it says nothing secret
 * and carries no permission but that of announcing news. It has no end: waits last for weeks.
 * `secrets`: the first signs, all verify. @throws Error when there is none.
 */
export function createCallbackTokens({ namespace, secrets }: { namespace: string; secrets: readonly string[] }): {
  make(claim: CallbackClaim): string;
  /** Undefined for anything that was not made with one of the secrets, for this namespace. */
  verify(token: string): CallbackClaim | undefined;
} {
  const [signing] = secrets;
  if (signing === undefined || secrets.includes(''))
    throw new Error('Callback tokens need at least one secret, and none may be empty.');
  const mac = (secret: string, claim: string) =>
    createHmac('sha256', secret)
      .update(JSON.stringify(['holdpoint-callback-1', namespace, claim]))
      .digest();
  return {
    make({ workflowId, callKey, request }) {
      const claim = Buffer.from(JSON.stringify([workflowId, callKey, request])).toString('base64url');
      return `${claim}.${mac(signing, claim).toString('base64url')}`;
    },
    verify(token) {
      const [claim, given, ...rest] = token.split('.');
      if (!claim || !given || rest.length > 0) return undefined;
      const found = Buffer.from(given, 'base64url');
      // A decoder that skips what it does not know must not make two tokens of one.
      if (found.toString('base64url') !== given) return undefined;
      // Every secret is tried: the time must not tell which one fits.
      const valid = secrets
        .map((secret) => mac(secret, claim))
        .filter((each) => each.length === found.length && timingSafeEqual(each, found));
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
