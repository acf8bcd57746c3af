import type { Role } from '../contract/session.ts';

/** An OpenID Connect provider where people sign in. */
export type ProviderOptions = {
  /** Exactly as the provider writes it, with or without a slash at the end. http on loopback only. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Separated by spaces, with `openid`. @default 'openid profile email' */
  scopes?: string | undefined;
  /** Text of the button: "Sign in with …". @default the issuer's host */
  name?: string | undefined;
  /** The claim with the list of groups, such as `groups` or `realm_access.roles`. @default 'groups' */
  groupsClaim?: string | undefined;
  /** Roles by group. A group may stand several times. */
  roles: readonly GroupRole[];
};

/** Members of this group have this role. */
export type GroupRole = { group: string; role: Role };

const loopbackHosts = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** True for http on this machine, where no network is crossed. */
export function isLoopbackHttp(url: URL): boolean {
  return url.protocol === 'http:' && loopbackHosts.has(url.hostname);
}

/** @throws Error for a setting that would fail at the first sign-in. */
export function checkProviderOptions(
  { issuer, scopes = 'openid', roles }: ProviderOptions,
  publicUrl: string | undefined,
): void {
  const at = URL.parse(issuer);
  if (at === null || (at.protocol !== 'https:' && !isLoopbackHttp(at)))
    throw new Error(
      `The issuer ${issuer} must begin with https://. Only an issuer on this machine (127.0.0.1, [::1], localhost) may begin with http://. Change HOLDPOINT_OIDC_ISSUER.`,
    );
  if (at.search !== '' || at.hash !== '' || at.username !== '' || at.password !== '')
    throw new Error(
      'The issuer must have neither a query, a fragment, a user name nor a password. Change HOLDPOINT_OIDC_ISSUER.',
    );
  const ours = URL.parse(publicUrl ?? '');
  if (ours === null)
    throw new Error(
      'Sign-in with an identity provider needs the public address of this server, which the provider returns to. Set HOLDPOINT_REVIEW_PUBLIC_URL.',
    );
  if (ours.protocol !== 'https:' && !isLoopbackHttp(ours))
    throw new Error(
      `The public address ${publicUrl} must begin with https:// for sign-in with an identity provider. Change HOLDPOINT_REVIEW_PUBLIC_URL.`,
    );
  if (!scopes.split(' ').includes('openid'))
    throw new Error('The scopes must have "openid" among them. Change HOLDPOINT_OIDC_SCOPES.');
  if (roles.length === 0)
    throw new Error('No group has a role, so nobody could sign in. Set HOLDPOINT_OIDC_ROLES, e.g. finance=reviewer.');
}
