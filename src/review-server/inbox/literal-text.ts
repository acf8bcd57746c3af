import { html } from 'hono/html';
import type { Html } from './layout.ts';

// Characters that show nothing, or turn text around: a reviewer must see that they are there.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** The text as it is, with every invisible, control or direction-changing character named; line breaks stay. */
export function literalText(text: string): Html {
  const parts: unknown[] = [];
  let from = 0;
  for (const match of text.matchAll(INVISIBLE)) {
    if (match[0] === '\n') continue;
    parts.push(text.slice(from, match.index), html`<span class="invisible">${codePoint(match[0])}</span>`);
    from = match.index + match[0].length;
  }
  return html`${[...parts, text.slice(from)]}`;
}

/** The same where nothing can be marked up, such as a window's title. */
export function literalTitle(text: string): string {
  return text.replaceAll(INVISIBLE, (character) => `[${codePoint(character)}]`);
}

/** JSON for a text field, where such characters can't be marked up: they become escapes, which mean the same. */
export function editableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(INVISIBLE, (character) =>
    character === '\n' ? character : [...Array(character.length).keys()].map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''),
  );
}

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
