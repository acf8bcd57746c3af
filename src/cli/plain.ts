import { withEscapes } from '@holdpoint/review-server/contract';

/**
 * Text from models, users and services, made safe for a terminal. Misleading characters become escapes such as
 * `\u202e`.
 */
export function plain(text: string): string {
  return withEscapes(text);
}

/** Controls, and the formats that reorder text. */
const controlling = /[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu;

/**
 * An answer of a model, whose emoji and scripts stay as they are: only controls and reordering formats become escapes.
 */
export function plainAnswer(text: string): string {
  return text.replaceAll(controlling, (found) => (found === '\n' || found === '\t' ? found : escaped(found)));
}

/** Text for a terminal on one line, cut to a number of characters, with the whole length where something is missing. */
export function clamped(text: string, most: number): string {
  const line = plain(text.replaceAll(/\s*[\n\r\t]\s*/gu, ' ').trim());
  const characters = Array.from(line.slice(0, most * 2));
  if (characters.length <= most) return line;
  return `${characters.slice(0, most).join('')}… (${text.length.toLocaleString('en')} characters; --json has all)`;
}

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, index) => text.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
}
