import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import type { devSchema, reviewServerSchema } from './process-schemas.ts';
import type { Config } from './read-config.ts';
import { settings } from './settings.ts';

type IdentityProviderConfig = Pick<
  Config<typeof reviewServerSchema> & Config<typeof devSchema>,
  'oidcIssuer' | 'oidcClientId' | 'oidcClientSecret' | 'oidcScopes' | 'oidcName' | 'oidcGroupsClaim' | 'oidcRoles'
>;

/**
 * The OpenID Connect provider of the settings. Undefined without an issuer.
 * @throws ConfigError for settings without the others that they need.
 */
export function identityProviderOf(config: IdentityProviderConfig) {
  const { oidcIssuer, oidcClientId, oidcClientSecret, oidcRoles } = config;
  if (
    oidcIssuer !== undefined &&
    oidcClientId !== undefined &&
    oidcClientSecret !== undefined &&
    oidcRoles !== undefined
  )
    return {
      issuer: oidcIssuer,
      clientId: oidcClientId,
      clientSecret: oidcClientSecret.reveal(),
      roles: oidcRoles,
      scopes: config.oidcScopes,
      name: config.oidcName,
      groupsClaim: config.oidcGroupsClaim,
    };
  const needed = ['oidcIssuer', 'oidcClientId', 'oidcClientSecret', 'oidcRoles'] as const;
  const given = needed.filter((name) => config[name] !== undefined);
  if (given.length === 0) return undefined;
  throw new ConfigError(
    needed
      .filter((name) => config[name] === undefined)
      .map(
        (name) =>
          `${settings[name].variable} is not set, but ${given.map((each) => settings[each].variable).join(' and ')} ${given.length === 1 ? 'is' : 'are'}. Sign-in with an identity provider needs all of them.`,
      ),
  );
}

/** The variables of the provider, for another process. */
export function identityProviderVariables(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[0].startsWith('HOLDPOINT_OIDC_') && entry[1] !== undefined,
    ),
  );
}
