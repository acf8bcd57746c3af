import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  commandSchema,
  devSchema,
  gatewaySchema,
  reviewServerSchema,
  workerSchema,
  type ProcessSchema,
} from '../../src/config/process-schemas.ts';
import { variableNames } from '../../src/config/settings.ts';
import { variablesOf } from '../support/schema-variables.ts';

const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
const isTemporals = (name: string) => name.startsWith('TEMPORAL_');
const listed = [...text.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => String(name));

/** The variables below the comments that begin with a list of processes: `# [w g] …`. */
function markedWith(letter: string): string[] {
  return text.split(/\n(?=# \[)/).flatMap((entry) => {
    const [, letters = ''] = /^# \[([a-z ]+)\]/.exec(entry) ?? [];
    return letters.split(' ').includes(letter)
      ? [...entry.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => String(name))
      : [];
  });
}

it('.env.example: lists each variable of Holdpoint once, and no other', () => {
  expect(listed.filter((name) => !isTemporals(name)).toSorted((a, b) => a.localeCompare(b))).toEqual(
    variableNames.toSorted((a, b) => a.localeCompare(b)),
  );
});

it.each<[string, string, ProcessSchema]>([
  ['w', 'worker', workerSchema],
  ['g', 'gateway', gatewaySchema],
  ['r', 'review server', reviewServerSchema],
  ['c', 'commands', commandSchema],
  ['d', 'holdpoint dev', devSchema],
])('.env.example: [%s] marks what the schema of the %s has', (letter, _process, schema) => {
  const { required, optional } = variablesOf(schema);
  expect(new Set(markedWith(letter).filter((name) => !isTemporals(name)))).toEqual(new Set([...required, ...optional]));
});

it.each<[string, string, ProcessSchema]>([
  ['w', 'worker', workerSchema],
  ['g', 'gateway', gatewaySchema],
  ['r', 'review server', reviewServerSchema],
])('.env.example: [%s] marks TEMPORAL_* where the %s connects to Temporal', (letter, _process, schema) => {
  expect(markedWith(letter).some(isTemporals)).toBe(schema.temporal);
});
