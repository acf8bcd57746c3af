import { globSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError, environmentWithoutOurs, readConfig, variableNames, type Need } from '../../src/config/config.ts';

const root = new URL('../../', import.meta.url);

function problemsOf(environment: Record<string, string>, needs: Need[] = []): readonly string[] {
  try {
    readConfig({ TEMPORAL_CONFIG_FILE: '/nowhere', ...environment }, needs);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has working defaults with an empty environment', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      cheqpointUrl: 'https://app.cheqpoint.co',
      configFile: 'holdpoint.config.ts',
      gatewayListen: { host: '127.0.0.1', port: 7341 },
      reviewListen: { host: '127.0.0.1', port: 7342 },
      temporalAddress: 'localhost:7233',
      temporalNamespace: 'default',
      logLevel: 'info',
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('counts an empty variable as unset', () => {
    expect(readConfig({ CHEQPOINT_BASE_URL: '', HOLDPOINT_SECRET: '' })).toMatchObject({
      cheqpointUrl: 'https://app.cheqpoint.co',
      macKeys: undefined,
    });
  });

  it('never shows a secret in logs, JSON or text', () => {
    const canary = 'canary-0123456789-0123456789-0123456789';
    const config = readConfig({
      OPENAI_API_KEY: canary,
      CHEQPOINT_CONNECTION_KEY: canary,
      HOLDPOINT_SECRET: canary,
      HOLDPOINT_API_KEY: canary,
      TEMPORAL_API_KEY: canary,
      HOLDPOINT_DATABASE_URL: `postgres://me:${canary}@host/db`,
    });
    expect(
      `${JSON.stringify(config)} ${inspect(config, { depth: 9, showHidden: true })} ${String(config.macKeys)}`,
    ).not.toContain('canary');
    expect(config.openaiApiKey?.reveal()).toBe(canary);
    expect(config.macKeys?.reveal()).toEqual([canary]);
  });

  it('lists all problems of one start together, without the values', () => {
    const problems = problemsOf(
      {
        HOLDPOINT_SECRET: 'canary',
        HOLDPOINT_DATABASE_URL: 'mysql://canary',
        OPENAI_BASE_URL: 'canary',
        HOLDPOINT_SECRT: 'x',
      },
      ['apiKey'],
    );
    expect(problems).toEqual([
      'HOLDPOINT_SECRT is unknown. Did you mean HOLDPOINT_SECRET?',
      'OPENAI_BASE_URL must be a URL that begins with http:// or https://.',
      'HOLDPOINT_SECRET must have at least 32 characters in each value; make one with: openssl rand -hex 32.',
      'HOLDPOINT_DATABASE_URL must begin with postgres:// (PostgreSQL) or sqlite: (a file on one machine, e.g. sqlite:///var/lib/holdpoint/holdpoint.db).',
      'HOLDPOINT_API_KEY is not set. .env.example says what it is for.',
    ]);
  });

  it('takes two signing secrets, of which the first signs', () => {
    const [fresh, old] = ['n'.repeat(32), 'o'.repeat(32)];
    expect(readConfig({ HOLDPOINT_SECRET: `${fresh}, ${old}` }).macKeys?.reveal()).toEqual([fresh, old]);
    expect(problemsOf({ HOLDPOINT_SECRET: `${fresh},${old},${old}` })).toEqual([
      expect.stringContaining('two separated by a comma'),
    ]);
  });

  it.each([
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    ['[::]:0', { host: '::', port: 0 }],
    ['8080', { host: '127.0.0.1', port: 8080 }],
  ])('listens on %s', (text, address) => {
    expect(readConfig({ HOLDPOINT_GATEWAY_LISTEN: text }).gatewayListen).toEqual(address);
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
    [{ HOLDPOINT_BANANA: 'x' }, 'HOLDPOINT_BANANA is unknown. .env.example lists the variables there are.'],
    [
      { TEMPORAL_CONFIG_FILE: import.meta.filename },
      expect.stringContaining("Temporal's settings (TEMPORAL_* variables and its config file) can't be read"),
    ],
  ])('refuses %o', (environment: Record<string, string>, problem: string) => {
    expect(problemsOf(environment)).toEqual([problem]);
  });

  it("bears Kubernetes' service links for Services whose names begin like ours", () => {
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

  it("reads Temporal's own variables", () => {
    const config = readConfig({ TEMPORAL_ADDRESS: 'cloud:7233', TEMPORAL_NAMESPACE: 'mine', TEMPORAL_API_KEY: 'k' });
    expect(config).toMatchObject({ temporalAddress: 'cloud:7233', temporalNamespace: 'mine' });
    expect(config.temporalConnection.reveal()).toMatchObject({ address: 'cloud:7233', apiKey: 'k' });
  });

  it("leaves a user's own variables to the user's code and takes ours away", () => {
    expect(
      environmentWithoutOurs({
        PATH: '/bin',
        MAIL_URL: 'x',
        OPENAI_API_KEY: 'x',
        TEMPORAL_ADDRESS: 'x',
        HOLDPOINT_SECRET: 'x',
        CHEQPOINT_BASE_URL: 'x',
      }),
    ).toEqual({ PATH: '/bin', MAIL_URL: 'x' });
  });
});

describe('.env.example', () => {
  const text = readFileSync(new URL('.env.example', root), 'utf8');
  const listed = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);

  it('lists every variable that is read, and no other', () => {
    expect(new Set(listed.filter((name) => !name?.startsWith('TEMPORAL_')))).toEqual(new Set(variableNames));
  });

  it.each([
    ['w', 'src/worker.ts'],
    ['g', 'src/gateway.ts'],
    ['r', 'src/review-server.ts'],
  ])('says of [%s] what %s reads', (letter, file) => {
    const source = readFileSync(new URL(file, root), 'utf8');
    // `publicUrl: values.HOLDPOINT_PUBLIC_URL`, and several for one name of the config.
    const fields: Array<{ name: string | undefined; field: string | undefined }> = [];
    let field: string | undefined;
    for (const line of readFileSync(new URL('src/config/config.ts', root), 'utf8').split('\n')) {
      field = /^ {2}(\w+):/.exec(line)?.[1] ?? field;
      for (const [, name] of line.matchAll(/values\.([A-Z_]+)/g)) fields.push({ name, field });
    }
    const read = fields
      .filter(({ field }) => new RegExp(`\\bconfig\\.${field}\\b`).test(source))
      .map(({ name }) => name);
    const said = text
      .split(/\n(?=# \[)/)
      .flatMap((entry) =>
        entry.slice(0, entry.indexOf(']')).includes(letter)
          ? [...entry.matchAll(/^((?!TEMPORAL_)[A-Z_]+)=/gm)].map(([, name]) => name)
          : [],
      );
    expect(new Set(said)).toEqual(new Set(read));
  });
});

describe('the source', () => {
  it('reads process.env in config.ts only', () => {
    const readers = globSync('src/**/*.ts', { cwd: root }).filter((file) =>
      readFileSync(new URL(file, root), 'utf8').includes('process.env'),
    );
    expect(readers).toEqual(['src/config/config.ts']);
  });
});
