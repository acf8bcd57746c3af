import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import {
  doctorSchema,
  gatewaySchema,
  reviewServerSchema,
  workerSchema,
  type ProcessSchema,
} from '../../src/config/process-schemas.ts';
import { readConfig } from '../../src/config/read-config.ts';

const secret = '0123456789abcdef0123456789abcdef';
const minimum = {
  gateway: { HOLDPOINT_API_KEY: secret, HOLDPOINT_SECRET: secret },
  worker: { HOLDPOINT_DATABASE_URL: 'sqlite:///w.db', HOLDPOINT_SECRET: secret, OPENAI_API_KEY: 'key' },
  reviewServer: {
    HOLDPOINT_REVIEW_DATABASE_URL: 'sqlite:///r.db',
    HOLDPOINT_REVIEW_SESSION_SECRET: secret,
    HOLDPOINT_REVIEWER_NAME: 'ana',
    HOLDPOINT_REVIEWER_PASSWORD: 'password',
  },
};

function problemsOf(environment: Record<string, string>, schema: ProcessSchema = doctorSchema): readonly string[] {
  try {
    readConfig({ TEMPORAL_CONFIG_FILE: '/nowhere', ...environment }, schema);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('readConfig', () => {
  it('required variables only → working defaults, frozen', () => {
    const config = readConfig(minimum.gateway, gatewaySchema);
    expect(config).toMatchObject({
      gatewayListen: { host: '127.0.0.1', port: 7341 },
      temporalAddress: 'localhost:7233',
      temporalNamespace: 'default',
      logLevel: 'info',
    });
    expect(readConfig(minimum.worker, workerSchema).configFile).toBe('holdpoint.config.ts');
    expect(readConfig(minimum.reviewServer, reviewServerSchema).reviewListen).toEqual({
      host: '127.0.0.1',
      port: 7342,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it.each([
    ['worker', workerSchema, minimum.worker, minimum.reviewServer],
    ['gateway', gatewaySchema, minimum.gateway, minimum.worker],
    ['review server', reviewServerSchema, minimum.reviewServer, minimum.gateway],
  ])('%s: variables of another process → not in its configuration', (_name, schema, own, others) => {
    const config = readConfig({ ...others, ...own }, schema);
    const names = [...schema.required, ...schema.optional];
    expect(Object.keys(config).filter((name) => !name.startsWith('temporal'))).toEqual(
      names.filter((name) => !name.startsWith('temporal')),
    );
    expect('temporalConnection' in config).toBe(schema.temporal);
  });

  it('malformed variable of another process → no problem', () => {
    expect(problemsOf({ ...minimum.gateway, HOLDPOINT_REVIEW_LISTEN: 'nonsense' }, gatewaySchema)).toEqual([]);
  });

  it('empty variable → unset', () => {
    expect(readConfig({ CHEQPOINT_BASE_URL: '', HOLDPOINT_SECRET: '' }, doctorSchema)).toMatchObject({
      cheqpointUrl: undefined,
      signingSecrets: undefined,
    });
    expect(problemsOf({ ...minimum.gateway, HOLDPOINT_API_KEY: '' }, gatewaySchema)).toEqual([
      'HOLDPOINT_API_KEY is not set. docs/configuration.md says what it is for.',
    ]);
  });

  it('secrets → never in logs, JSON or text', () => {
    const canary = 'canary-0123456789-0123456789-0123456789';
    const config = readConfig(
      {
        OPENAI_API_KEY: canary,
        CHEQPOINT_CONNECTION_KEY: canary,
        HOLDPOINT_SECRET: canary,
        HOLDPOINT_API_KEY: canary,
        TEMPORAL_API_KEY: canary,
        HOLDPOINT_DATABASE_URL: `postgres://me:${canary}@host/db`,
      },
      doctorSchema,
    );
    expect(
      `${JSON.stringify(config)} ${inspect(config, { depth: 9, showHidden: true })} ${String(config.signingSecrets)}`,
    ).not.toContain('canary');
    expect(config.openaiApiKey?.reveal()).toBe(canary);
    expect(config.signingSecrets?.reveal()).toEqual([canary]);
  });

  it('several problems → listed together, without the values', () => {
    const problems = problemsOf(
      {
        HOLDPOINT_SECRET: 'canary',
        HOLDPOINT_DATABASE_URL: 'mysql://canary',
        OPENAI_BASE_URL: 'canary',
        HOLDPOINT_SECRT: 'x',
      },
      workerSchema,
    );
    expect(problems).toEqual([
      'HOLDPOINT_SECRT is unknown. Did you mean HOLDPOINT_SECRET?',
      'HOLDPOINT_DATABASE_URL must begin with postgres:// (PostgreSQL) or sqlite: (a file on one machine, e.g. sqlite:///var/lib/holdpoint/holdpoint.db).',
      'HOLDPOINT_SECRET must have at least 32 characters in each value; make one with: openssl rand -hex 32.',
      'OPENAI_BASE_URL must be a URL that begins with http:// or https://.',
      'OPENAI_API_KEY is not set. docs/configuration.md says what it is for.',
    ]);
  });

  it('HOLDPOINT_SECRET with two values → both, the first one signs', () => {
    const [fresh, old] = ['n'.repeat(32), 'o'.repeat(32)];
    const environment = { ...minimum.gateway, HOLDPOINT_SECRET: `${fresh}, ${old}` };
    expect(readConfig(environment, gatewaySchema).signingSecrets.reveal()).toEqual([fresh, old]);
    expect(problemsOf({ HOLDPOINT_SECRET: `${fresh},${old},${old}` })).toEqual([
      expect.stringContaining('two separated by a comma'),
    ]);
  });

  it.each([
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::]:0', { host: '::', port: 0 }],
    ['8080', { host: '127.0.0.1', port: 8080 }],
  ])('HOLDPOINT_GATEWAY_LISTEN: %s → %o', (text, address) => {
    expect(readConfig({ ...minimum.gateway, HOLDPOINT_GATEWAY_LISTEN: text }, gatewaySchema).gatewayListen).toEqual(
      address,
    );
  });

  it.each([
    [
      { HOLDPOINT_GATEWAY_LISTEN: 'host:99999' },
      'HOLDPOINT_GATEWAY_LISTEN must be a host and a port, e.g. 0.0.0.0:7341.',
    ],
    [
      { HOLDPOINT_REVIEW_CONNECTION_KEYS: 'canary' },
      'HOLDPOINT_REVIEW_CONNECTION_KEYS must be pairs of a name and a key, separated by commas: comms=key1,billing=key2.',
    ],
    [
      { HOLDPOINT_REVIEW_LOOP_PROTECTION: '5 a minute' },
      'HOLDPOINT_REVIEW_LOOP_PROTECTION must be a number of identical requests and a span of at most 86400 seconds, e.g. 5/60s.',
    ],
    [
      { HOLDPOINT_REVIEW_REQUESTS_PER_DAY: '0' },
      'HOLDPOINT_REVIEW_REQUESTS_PER_DAY must be a whole number from 1 to 9999999.',
    ],
    [
      { HOLDPOINT_LOG_LEVEL: 'loud' },
      'HOLDPOINT_LOG_LEVEL must be one of "trace"|"debug"|"info"|"warn"|"error"|"silent".',
    ],
    [{ CHEQPOINT_API_KEY: 'x' }, 'CHEQPOINT_API_KEY is not read: use CHEQPOINT_CONNECTION_KEY.'],
    [{ HOLDPOINT_GATEWAY_PORT: '8080' }, 'HOLDPOINT_GATEWAY_PORT is not read: use HOLDPOINT_GATEWAY_LISTEN.'],
    [{ HOLDPOINT_BANANA: 'x' }, 'HOLDPOINT_BANANA is unknown. docs/configuration.md lists all variables.'],
    [
      { TEMPORAL_CONFIG_FILE: import.meta.filename },
      expect.stringContaining("Temporal's settings (TEMPORAL_* variables and its config file) can't be read"),
    ],
  ])('%o → refused', (environment: Record<string, string>, problem: string) => {
    expect(problemsOf(environment)).toEqual([problem]);
  });

  it("Kubernetes' service links with our prefix → accepted", () => {
    expect(
      problemsOf({
        HOLDPOINT_GATEWAY_SERVICE_HOST: '10.0.0.1',
        HOLDPOINT_GATEWAY_SERVICE_PORT: '80',
        HOLDPOINT_GATEWAY_SERVICE_PORT_HTTP: '80',
        HOLDPOINT_GATEWAY_PORT: 'tcp://10.0.0.1:80',
        HOLDPOINT_GATEWAY_PORT_80_TCP: 'tcp://10.0.0.1:80',
        HOLDPOINT_GATEWAY_PORT_80_TCP_ADDR: '10.0.0.1',
        HOLDPOINT_GATEWAY_PORT_80_TCP_PROTO: 'tcp',
      }),
    ).toEqual([]);
  });

  it("Temporal's own variables → address, namespace and key", () => {
    const config = readConfig(
      { ...minimum.gateway, TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_NAMESPACE: 'mine', TEMPORAL_API_KEY: 'k' },
      gatewaySchema,
    );
    expect(config).toMatchObject({ temporalAddress: 'cloud:7233', temporalNamespace: 'mine' });
    expect(config.temporalConnection.reveal()).toMatchObject({ address: 'cloud:7233', apiKey: 'k' });
  });
});

it.each(['constructor', 'toString', '__proto__'])('variable named %s → no setting, no problem', (name) =>
  expect(problemsOf(Object.fromEntries([[name, 'x']]))).toEqual(problemsOf({})),
);
