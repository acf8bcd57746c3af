import { longestSubject, presetsSchema, previewSchema, type Presets, type Preview } from '@holdpoint/cheqpoint/wire';
import { InvalidDefinition, refuse, shown } from './invalid-definition.ts';

/** The preview as it is sent. @throws TypeError that names the place of the first mistake. */
export function toPreview(given: unknown): Preview {
  const { data, error } = previewSchema.safeParse(withTextCells(given));
  // Without options that are undefined, which JSON can't carry.
  if (error === undefined) return JSON.parse(JSON.stringify(data)) as Preview;
  const { path, message } = error.issues[0]!;
  throw new TypeError(`${['the preview', ...path].join('.')}: ${message}`);
}

/** The cells of a table as texts. */
function withTextCells(given: unknown): unknown {
  const { rows } = (given ?? {}) as { rows?: unknown };
  if (!Array.isArray(rows)) return given;
  const text = (cell: unknown) =>
    cell === null ? '' : typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : cell;
  return {
    ...(given as object),
    rows: rows.map((row: unknown) => (Array.isArray(row) ? row.map(text) : row)),
  };
}

/** The subject as it is sent. Null without one. @throws TypeError for another value than a text or a number. */
export function toSubject(given: unknown): string | null {
  if (given === null || given === undefined || given === '') return null;
  if (typeof given !== 'string' && typeof given !== 'number')
    throw new TypeError(`the subject must be a text or a number, not ${shown(given)}`);
  const text = String(given);
  if (text.length > longestSubject)
    throw new TypeError(`the subject has ${text.length} characters, and at most ${longestSubject} are allowed`);
  return text;
}

/** Checks `review.presets` and returns them as they are sent. @throws InvalidDefinition */
export function checkPresets(owner: string, given: unknown): Presets {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse(owner, `review.presets must be an object such as { en: ['Wrong customer'] }, not ${shown(given)}.`);
  const languages = Object.entries(given).map(([language, notes]) => [
    language,
    Array.isArray(notes) ? { reject: notes } : (notes as unknown),
  ]);
  const { data, error } = presetsSchema.safeParse(Object.fromEntries(languages));
  if (error === undefined) return data;
  const issue = error.issues[0];
  const message = issue?.code === 'invalid_key' ? issue.issues[0]?.message : issue?.message;
  const place = (issue?.path ?? []).map((part) => `.${String(part)}`).join('');
  throw new InvalidDefinition(`${owner}: review.presets${place}: ${message}.`);
}
