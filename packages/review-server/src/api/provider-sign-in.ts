import type { Logger } from 'pino';
import type { IdentityProvider } from '../oidc/identity-provider.ts';
import type { Seal } from '../oidc/sealed.ts';

/** Sign-in with the identity provider, for the routes that need it. */
export type ProviderSignIn = {
  provider: IdentityProvider;
  seal: Seal;
  /** The server's address for browsers, without a slash at the end. */
  publicUrl: string;
  log: Logger;
};

export const startPath = '/auth/start';
