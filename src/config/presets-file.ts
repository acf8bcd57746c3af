import { readFileSync } from 'node:fs';
import { presetsSchema, type Presets } from '@holdpoint/cheqpoint/wire';
import { parseJson } from '@holdpoint/json';
import { ConfigError } from './config-error.ts';
import { settings } from './settings.ts';

/**
 * Reads the general quick notes of the inbox from a JSON file.
 * @throws ConfigError for a file that can't be read, or that has another form.
 */
export function readPresetsFile(path: string): Presets {
  const refuse = (problem: string): never => {
    throw new ConfigError([`${settings.reviewPresets.variable}: the file ${path} ${problem}`]);
  };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(`can’t be read: ${(error as Error).message}`);
  }
  return parsePresets(text, refuse);
}

/** Reads the text of the file. `refuse` gets the part of a sentence that says where it is wrong. */
export function parsePresets(text: string, refuse: (problem: string) => never): Presets {
  let given: unknown;
  try {
    // Editors of some systems begin a file with a byte order mark.
    given = parseJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return refuse(`is not valid JSON: ${(error as Error).message}`);
  }
  const result = presetsSchema.safeParse(given);
  if (result.success) return result.data;
  return refuse(
    `is wrong: ${result.error.issues
      .slice(0, 5)
      .map((issue) => {
        const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
        return issue.path.length === 0 ? message : `${issue.path.join('.')}: ${message}`;
      })
      .join('; ')}. Its form: {"fr": {"approve": ["Vérifié"], "reject": ["Mauvais destinataire"]}}`,
  );
}
