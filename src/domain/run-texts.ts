import type { Json } from '@holdpoint/json';
import { bytesOf } from './bytes-of.ts';
import { escapeMarkdown } from './markdown.ts';

/** Length of the summary in lists, in characters. */
const summaryLength = 100;
/** Bytes that Temporal takes as a summary. */
const longestSummary = 200;

/** Characters of a value of the context that the details show. */
const longestValue = 80;
/** Bytes of one fact of the context. */
const longestFact = 300;

/** The first words of an input, for lists. */
export function firstWords(text: string): string {
  const words = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  const characters = Array.from(words.slice(0, summaryLength * 4));
  return characters.length <= summaryLength ? words : `${characters.slice(0, summaryLength - 1).join('')}…`;
}

/** Texts for Temporal's Web UI. `first`: the first sentence of the details, as Markdown. */
export function startTexts({ input, context, first }: { input: string; context?: Json | undefined; first: string }): {
  staticSummary: string;
  staticDetails: string;
} {
  const facts =
    typeof context === 'object' && context !== null && !Array.isArray(context)
      ? Object.entries(context).slice(0, 20)
      : [];
  return {
    staticSummary: cutToBytes(escapeMarkdown(firstWords(input)), longestSummary),
    staticDetails: [first, ...(facts.length > 0 ? [`Context:\n\n${facts.map(factLine).join('\n')}`] : [])].join('\n\n'),
  };
}

/** The name of a field of the context, with its value if that is short. */
function factLine([name, value]: [string, Json | undefined]): string {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  const isShort = typeof text === 'string' && text.length <= longestValue;
  return cutToBytes(escapeMarkdown(oneLine(isShort ? `- ${name}: ${text}` : `- ${name}`)), longestFact);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, ' ');
}

/** Cuts between characters. */
function cutToBytes(text: string, bytes: number): string {
  let cut = '';
  for (const character of text) {
    if (bytesOf(cut + character) > bytes - 3) return `${cut.replace(/\\$/, '')}…`;
    cut += character;
  }
  return cut;
}
