import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/config-error.ts';
import { gatewaySchema, type ProcessSchema } from '../../src/config/process-schemas.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { fileVariableOf, secretVariables, withSecretFiles } from '../../src/config/secret-files.ts';
import { settings } from '../../src/config/settings.ts';
import { Secret } from '@holdpoint/process';

const secret = '0123456789abcdef0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'holdpoint-secrets-'));

function fileWith(content: string | Buffer): string {
  const file = join(folder, `secret-${Math.random().toString(36).slice(2)}`);
  writeFileSync(file, content);
  return file;
}

function problemsOf(environment: Record<string, string>, schema: ProcessSchema = gatewaySchema): readonly string[] {
  try {
    readConfig({ TEMPORAL_CONFIG_FILE: '/nowhere', HOLDPOINT_API_KEY: secret, ...environment }, schema);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('secrets from files', () => {
  it.each([
    ['as it is', secret],
    ['with a line break at its end', `${secret}\n`],
    ['with a line break of Windows', `${secret}\r\n`],
  ])('file with the secret %s → its value', (_name, content) => {
    const config = readConfig(
      { HOLDPOINT_API_KEY_FILE: fileWith(content), HOLDPOINT_SECRET_FILE: fileWith(`${secret},${secret}\n`) },
      gatewaySchema,
    );
    expect(config.apiKey.reveal()).toBe(secret);
    expect(config.signingSecrets.reveal()).toEqual([secret, secret]);
  });

  it('further white space → part of the secret', () => {
    const { environment } = withSecretFiles({ OPENAI_API_KEY_FILE: fileWith(' key \n\n') });
    expect(environment['OPENAI_API_KEY']).toBe(' key \n');
  });

  it("Temporal's API key in a file → passed to its connection", () => {
    const config = readConfig(
      { HOLDPOINT_API_KEY: secret, HOLDPOINT_SECRET: secret, TEMPORAL_API_KEY_FILE: fileWith('tmprl_key\n') },
      gatewaySchema,
    );
    expect(config.temporalConnection.reveal()).toMatchObject({ apiKey: 'tmprl_key' });
  });

  it('variable and file both set → refused, no value shown', () => {
    expect(problemsOf({ HOLDPOINT_SECRET: secret, HOLDPOINT_SECRET_FILE: fileWith(secret) })).toEqual([
      'HOLDPOINT_SECRET and HOLDPOINT_SECRET_FILE are both set. Remove one of them.',
    ]);
  });

  it.each([
    ['missing', '/nowhere/secret', /^HOLDPOINT_SECRET_FILE: the file \/nowhere\/secret can't be read: ENOENT/],
    ['folder', folder, /can't be read: EISDIR/],
    ['empty', fileWith('\n'), /is empty\.$/],
    ['not text', fileWith(Buffer.from([0xff, 0xfe, 0x00])), /is not UTF-8 text\.$/],
    ['large', fileWith('x'.repeat(65_537)), /has more than 65536 bytes, so it is no secret\.$/],
  ])('%s file → one problem that names the variable and the file', (_name, file, problem) => {
    expect(problemsOf({ HOLDPOINT_SECRET_FILE: file })).toEqual([expect.stringMatching(problem)]);
  });

  it('empty name of a file → unset', () => {
    expect(problemsOf({ HOLDPOINT_SECRET: secret, HOLDPOINT_SECRET_FILE: '' })).toEqual([]);
  });

  it('content that the setting refuses → its problem, without the content', () => {
    expect(problemsOf({ HOLDPOINT_SECRET_FILE: fileWith('short') })).toEqual([
      expect.stringMatching(/^HOLDPOINT_SECRET must have at least 32 characters/),
    ]);
  });

  it("file of another process's secret → not read", () => {
    expect(problemsOf({ HOLDPOINT_SECRET: secret, HOLDPOINT_REVIEWER_PASSWORD_FILE: '/nowhere/secret' })).toEqual([]);
  });

  it('file for a setting that is no secret → unknown variable', () => {
    expect(problemsOf({ HOLDPOINT_SECRET: secret, HOLDPOINT_GATEWAY_LISTEN_FILE: '/nowhere' })).toEqual([
      expect.stringMatching(/^HOLDPOINT_GATEWAY_LISTEN_FILE is unknown\./),
    ]);
  });
});

describe('settings that may stand in files', () => {
  const payloadKey = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
  const samples = [secret, 'sqlite:///x.db', 'comms=key', 'https://example.com/hook', payloadKey];

  it.each(Object.values(settings))('$variable: marked as a secret ↔ its value is wrapped', ({ value, isSecret }) => {
    const values = samples.map((sample): unknown => value.safeParse(sample).data);
    expect(values.some((each) => each instanceof Secret)).toBe(isSecret);
  });

  it('each variable has one name for its file', () => {
    expect(fileVariableOf('HOLDPOINT_SECRET')).toBe('HOLDPOINT_SECRET_FILE');
    expect(new Set(secretVariables).size).toBe(secretVariables.length);
  });
});
