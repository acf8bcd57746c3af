import { expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { identityProviderOf } from '../../src/config/identity-provider.ts';
import { devSchema } from '../../src/config/process-schemas.ts';
import { readConfig } from '../../src/config/read-config.ts';

const complete = {
  HOLDPOINT_OIDC_ISSUER: 'https://login.example.com/realms/company/',
  HOLDPOINT_OIDC_CLIENT_ID: 'holdpoint',
  HOLDPOINT_OIDC_CLIENT_SECRET: 'a secret of the tests',
  HOLDPOINT_OIDC_ROLES: 'finance=reviewer, a=b=admin ,finance=auditor',
};
const read = (environment: Record<string, string>) => identityProviderOf(readConfig(environment, devSchema));

it('settings of a provider → the issuer as it is written, several roles of a group', () => {
  expect(read(complete)).toMatchObject({
    issuer: 'https://login.example.com/realms/company/',
    roles: [
      { group: 'finance', role: 'reviewer' },
      { group: 'a=b', role: 'admin' },
      { group: 'finance', role: 'auditor' },
    ],
  });
  expect(read({})).toBeUndefined();
});

it.each(Object.keys(complete))('%s missing → named, beside the others', (variable) => {
  expect(() => read({ ...complete, [variable]: '' })).toThrow(ConfigError);
  expect(() => read({ ...complete, [variable]: '' })).toThrow(`${variable} is not set`);
});

it.each(['finance', 'finance=boss', '=admin', 'finance=reviewer,'])('roles "%s" → refused', (roles) => {
  expect(() => read({ ...complete, HOLDPOINT_OIDC_ROLES: roles })).toThrow('HOLDPOINT_OIDC_ROLES must be pairs');
});
