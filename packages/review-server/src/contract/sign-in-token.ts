import { randomBytes } from 'node:crypto';
import { equalInConstantTime, hmacSha256 } from '@holdpoint/json/digest';

/** How long a link signs in, in milliseconds. */
const validForMs = 10 * 60_000;

/**
 * Makes the token of a one-time sign-in link, `/login?token=…`, from the session secret of the review server. The
 * server takes it if it has a login token: in `holdpoint dev`, which prints links by this.
 */
export function makeSignInToken(sessionSecret: string, now: number = Date.now()): string {
  const claim = `${now + validForMs}-${randomBytes(18).toString('base64url')}`;
  return `${claim}.${seal(sessionSecret, claim)}`;
}

/** When a token that was made with this secret expires, in milliseconds since the epoch. Undefined for any other. */
export function signInTokenExpiry(sessionSecret: string, token: string): number | undefined {
  // A further part would make a used link a new one.
  const [claim = '', mac = '', ...rest] = token.split('.');
  if (rest.length > 0 || !equalInConstantTime(seal(sessionSecret, claim), mac)) return undefined;
  return Number(claim.split('-')[0]);
}

function seal(secret: string, claim: string): string {
  return hmacSha256(secret, `sign-in link:${claim}`).toString('base64url');
}
