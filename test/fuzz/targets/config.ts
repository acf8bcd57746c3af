import fc from 'fast-check';
import { hideSecrets, redacted, Secret } from '@holdpoint/process';
import { parseDatabaseUrl, sqliteUrl } from '@holdpoint/database/url';
import { errorFields } from '../../../packages/process/src/error-fields.ts';
import { textsOf } from '../../../packages/process/src/redact.ts';
import { redacted as redactedForModel } from '../../../src/adapters/openai/redacted.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { environmentWithoutOurs, machinePaths, secretsOf } from '../../../src/config/environment.ts';
import * as schemas from '../../../src/config/process-schemas.ts';
import { readConfig } from '../../../src/config/read-config.ts';
import { variableNames } from '../../../src/config/settings.ts';
import { unknownVariables } from '../../../src/config/unknown-variables.ts';
import { logEntryLines } from '../../../src/embedded/log-entry-lines.ts';
import { closestName } from '../../../src/schemas/closest-name.ts';
import { durationMs } from '../../../src/schemas/duration.ts';
import { anyValue, json, jsonText, mutated, name, spoiled, text } from '../arbitraries.ts';
import { must, orRefused, target } from '../target.ts';

const validValues = fc.constantFrom(
  'postgres://user:pass%40word@db:5432/x',
  'postgres://user:pa%zz@db/x',
  'sqlite:///tmp/a%20b.db',
  'https://a.example/x/',
  'https://hooks.example/services/T0/secret',
  '0.0.0.0:7341',
  '[::1]:7342',
  '7343',
  '65535',
  '5/60s',
  'comms=cq_live_1,billing=cq_live_2',
  'a'.repeat(32),
  `${'a'.repeat(32)},${'b'.repeat(32)}`,
  'public',
  'info',
  '3',
);
const value = fc.oneof({ weight: 2, arbitrary: validValues }, { weight: 2, arbitrary: spoiled(validValues) }, text);
const variable = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...variableNames) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'TEMPORAL_ADDRESS',
      'TEMPORAL_NAMESPACE',
      'TEMPORAL_TLS',
      'TEMPORAL_API_KEY',
      'TEMPORAL_GRPC_META_X',
      'TEMPORAL_CONFIG_FILE',
      'HOLDPOINT_GATEWAY_PORT',
    ),
  },
  { weight: 1, arbitrary: spoiled(fc.constantFrom(...variableNames)) },
  name,
);
const environment = fc
  .array(fc.tuple(variable, value), { maxLength: 12 })
  .map((entries) => Object.fromEntries(entries));

const address = fc.oneof(
  text,
  spoiled(
    fc.constantFrom(
      'postgres://user:password@host:5432/db?sslmode=require',
      'sqlite:///var/lib/a%25b.db',
      'sqlite::memory:',
      'postgresql:///x',
    ),
  ),
);

export const configTargets = [
  target('settings from environment variables', 30, () => ({
    input: fc.record({ environment, schema: fc.constantFrom(...Object.values(schemas)) }),
    run: ({ environment: given, schema }) => {
      const read = orRefused(() => readConfig(given, schema), ConfigError);
      const shown = JSON.stringify(read ?? null);
      for (const setting of ['OPENAI_API_KEY', 'HOLDPOINT_SECRET']) {
        const secret = given[setting];
        must(
          secret === undefined ||
            secret.length < 16 ||
            !shown.includes(secret) ||
            // The same text in an open setting.
            Object.entries(given).some(([name, value]) => name !== setting && value.includes(secret)),
          `${setting} can be read in the settings.`,
        );
      }
      must(
        unknownVariables(given as Record<string, string>, variableNames).every(
          (problem) => problem.endsWith('.') || problem.endsWith('?'),
        ),
        'A problem is no sentence.',
      );
      machinePaths(given, 'linux');
      must(
        !Object.keys(environmentWithoutOurs(given)).some((key) => key.startsWith('HOLDPOINT_')),
        'A variable of ours goes to the user.',
      );
      must(
        secretsOf(given).every((secret) => typeof secret === 'string'),
        'A secret is no text.',
      );
    },
  })),
  target('database URLs', 40, () => ({
    input: fc.record({ url: address, file: text }),
    run: ({ url, file }) => {
      const place = orRefused(() => parseDatabaseUrl(url), Error);
      if (place?.kind === 'postgres') must(URL.canParse(url), 'A text that is no URL is one of PostgreSQL.');
      if (file === '' || file.includes('\0') || !file.isWellFormed() || file.length > 250) return;
      const path = `/tmp/${file.replaceAll('/', '_').replaceAll('\\', '_')}x`;
      const again = orRefused(() => parseDatabaseUrl(sqliteUrl(path)), Error);
      must(again?.kind === 'sqlite' && again.file === path, 'sqliteUrl names another file.');
    },
  })),
  target('durations and close names', 60, () => ({
    input: fc.record({
      span: fc.oneof(anyValue, spoiled(fc.constantFrom('3 days', '90 s', '1e3 ms', '-5m'))),
      word: text,
      names: fc.array(text, { maxLength: 4 }),
    }),
    run: ({ span, word, names }) => {
      const milliseconds = durationMs(span);
      must(
        milliseconds === undefined || (Number.isFinite(milliseconds) && milliseconds >= 0),
        `A span of ${milliseconds} ms.`,
      );
      const close = closestName(word, names);
      must(close === undefined || names.includes(close), 'A name that nobody gave.');
    },
  })),
  target('logs and redaction', 30, () => ({
    input: fc.record({
      secret: fc.string({ minLength: 12, maxLength: 30 }),
      around: text,
      shape: fc.constantFrom('sk-', 'Bearer ', 'https://a.example/?token=', 'postgres://u:'),
      odd: anyValue,
      place: fc.nat(3),
    }),
    run: ({ secret, around, shape, odd, place }) => {
      const hidden = `Zq7${secret.replaceAll(/[^\w]/g, 'x')}`;
      hideSecrets(textsOf(new Secret(hidden).reveal()));
      const said = [
        `${around}${hidden}${around}`,
        `${shape}${hidden}@x`,
        JSON.stringify({ a: `${around}${hidden}` }),
        `${hidden}${hidden}`,
      ][place]!;
      must(!redacted(said).includes(hidden), 'A secret is printed.');
      must(!redactedForModel(said, hidden).includes(hidden), 'A key is in an error text.');
      must(redacted(redacted(said)) === redacted(said), 'A second pass changes the text.');
      orRefusedOdd(odd);
      const cause = Object.assign(new Error(said), { cause: odd, code: odd });
      must(typeof errorFields(cause).message === 'string', 'An error has no message.');
      errorFields(odd);
      must(!redacted(JSON.stringify(errorFields(cause))).includes(hidden), 'A secret is in the log.');
    },
  })),
  target('log lines of dev', 60, () => ({
    input: fc.oneof(
      jsonText(
        mutated(
          fc.constant({
            level: 50,
            msg: 'Failed.',
            err: {
              type: 'Error',
              message: 'no',
              stack: 'Error: no\n    at f (/srv/x/tool.ts:1:1)',
              cause: { type: 'E', message: 'm' },
            },
            run: 'a',
            attempt: 2,
            nextTryInMs: 100,
          }),
        ),
      ),
      jsonText(json),
      text,
    ),
    run: (line) =>
      must(
        logEntryLines(line).every((each) => typeof each === 'string'),
        'A line is no text.',
      ),
  })),
];

/** Secrets in objects and in addresses with odd passwords. */
function orRefusedOdd(odd: unknown): void {
  textsOf(odd);
  must(String(new Secret(odd)) === '[secret]', 'A secret shows itself.');
  if (typeof odd === 'string')
    must(String(new Secret(`https://user:${odd}@a.example/${odd}`)) === '[secret]', 'A secret shows itself.');
}
