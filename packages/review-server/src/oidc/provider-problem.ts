import { AuthorizationResponseError, ClientError, ResponseBodyError } from 'openid-client';
import { ClocksDiffer } from './identity-provider.ts';

/** Why a sign-in with the identity provider failed. */
export type ProviderReason =
  | 'declined'
  | 'not-begun'
  | 'away'
  | 'key-changed'
  | 'clock'
  | 'refused'
  | 'blocked'
  | 'removed'
  | 'no-role'
  | 'no-groups'
  | 'too-many-groups';

const notBegun = 'This sign-in was begun in another browser, or too long ago. Begin again.';

/** Facts for a sentence. */
export type ProblemFacts = {
  /** Name of the provider. */
  provider: string;
  passwords: boolean;
  /** The person, as the provider names it. */
  person?: string;
  groupsClaim?: string;
  seconds?: number;
};

/** The sentence for the person. */
export function sentenceOf(
  reason: ProviderReason,
  { provider, passwords, person = 'an unknown person', groupsClaim = 'groups', seconds = 60 }: ProblemFacts,
): string {
  const noRole = `You are signed in at ${provider} as ${person}, but no group of yours has a role here.`;
  switch (reason) {
    case 'declined':
      return 'You stopped the sign-in.';
    case 'not-begun':
      return notBegun;
    case 'away':
      return `The identity provider does not answer. ${passwords ? 'Sign in with a password, or later.' : 'Try again later.'}`;
    case 'key-changed':
      return 'The identity provider has a new key. Try again in a minute.';
    case 'clock':
      return 'The clocks of this server and of the identity provider differ by too much. Tell an administrator.';
    case 'refused':
      return `${provider} refused this server. Tell an administrator, who finds the reason in this server's log.`;
    case 'blocked':
      return `Too many failed sign-ins. Try again in ${seconds} seconds.`;
    case 'removed':
      return `You are signed in at ${provider} as ${person}, but an administrator removed you here.`;
    case 'no-role':
      return noRole;
    case 'no-groups':
      return `${noRole} ${provider} sent no list of groups: it must add the claim "${groupsClaim}". Some do so for a scope only (HOLDPOINT_OIDC_SCOPES).`;
    case 'too-many-groups':
      return `${noRole} You have more groups than ${provider} sends. It must send only those of this application.`;
  }
}

/** The reason of an error of `openid-client`. */
export function reasonOf(error: unknown): ProviderReason {
  if (error instanceof AuthorizationResponseError) return error.error === 'access_denied' ? 'declined' : 'refused';
  if (error instanceof ResponseBodyError) return error.error === 'invalid_grant' ? 'not-begun' : 'refused';
  if (error instanceof ClocksDiffer) return 'clock';
  if (error instanceof ClientError) return reasonOfCode(error);
  // An unreachable provider is a TypeError "fetch failed".
  return error instanceof TypeError ? 'away' : 'refused';
}

const reasonsByCode: Readonly<Record<string, ProviderReason>> = {
  OAUTH_INVALID_RESPONSE: 'not-begun',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: 'not-begun',
  OAUTH_KEY_SELECTION_FAILED: 'key-changed',
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'clock',
  OAUTH_TIMEOUT: 'away',
  OAUTH_ABORT: 'away',
};

function reasonOfCode({ code, cause }: ClientError): ProviderReason {
  const reason = code === undefined ? undefined : reasonsByCode[code];
  if (reason !== undefined) return reason;
  return cause instanceof Response && cause.status >= 500 ? 'away' : 'refused';
}
