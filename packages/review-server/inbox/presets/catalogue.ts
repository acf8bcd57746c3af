import { queryOptions, useQuery } from '@tanstack/react-query';
import type { Presets } from '@holdpoint/cheqpoint/wire';
import { request } from '../api/request.ts';
import de from './de.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };

/** General quick notes. Administrators add languages with the file of HOLDPOINT_REVIEW_PRESETS. */
const builtIn: Presets = { en, de };

const presetsQuery = queryOptions({
  queryKey: ['presets'],
  queryFn: () => request<Presets>('GET', '/presets'),
  staleTime: Infinity,
});

/** General quick notes: those of the server before the built-in ones. Only the latter while they load. */
export function usePresets(): Presets {
  return { ...builtIn, ...useQuery(presetsQuery).data };
}

/** Languages with their own names. */
export function languageNames(presets: Presets): { id: string; text: string }[] {
  return Object.keys(presets).map((id) => ({ id, text: nameOf(id) }));
}

function nameOf(language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  } catch {
    return language;
  }
}

export type QuickNotes = { language: string; notes: readonly string[] };

/**
 * The quick notes for an answer, in the first of the reader's languages that there are any in. Notes of the tool come before
 * general ones. Notes of a tool in a foreign language come before general ones in the own.
 */
export function quickNotes(
  ofTool: Presets | null,
  answer: 'approve' | 'reject',
  languages: readonly string[],
  general: Presets = builtIn,
): QuickNotes {
  return (
    notesIn(ofTool ?? {}, answer, [...languages, 'en', ...Object.keys(ofTool ?? {})]) ??
    notesIn(general, answer, [...languages, 'en']) ?? { language: 'en', notes: [] }
  );
}

function notesIn(presets: Presets, answer: 'approve' | 'reject', languages: readonly string[]): QuickNotes | undefined {
  for (const wanted of languages) {
    // `de-AT` finds `de`, and `pt` finds `pt-BR`.
    const [base] = wanted.toLowerCase().split('-');
    const names = Object.keys(presets);
    const language =
      names.find((name) => name.toLowerCase() === wanted.toLowerCase()) ??
      names.find((name) => name.toLowerCase() === base) ??
      names.find((name) => name.toLowerCase().split('-')[0] === base);
    const notes = language === undefined ? undefined : presets[language]![answer];
    if (language !== undefined && notes !== undefined && notes.length > 0) return { language, notes };
  }
  return undefined;
}

/**
 * The note with the preset in front. It replaces another preset, and text of the reviewer stays. The same preset again
 * removes it.
 */
export function withPreset(note: string, preset: string, presets: readonly string[]): string {
  const old = presets.find((each) => note.startsWith(each));
  const own = old === undefined ? note : note.slice(old.length).replace(/^\.?\s*/, '');
  if (old === preset) return own;
  return own === '' ? `${preset}.` : `${preset}. ${own}`;
}
