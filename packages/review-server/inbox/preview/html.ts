import { literalParts } from '../../src/contract/literal-parts.ts';

/** HTML that this folder wrote. Every text in it went through `textHtml`. */
export type Html = string & { readonly isHtml: true };

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

/** A text as HTML. Invisible and misleading characters become their code points. */
export function textHtml(text: string): Html {
  return literalParts(text)
    .map((part) => {
      if ('text' in part) return escaped(part.text);
      const mark = `<span class="code-point">${escaped(part.codePoint)}</span>`;
      return part.why === 'lookalike' ? `<span class="lookalike">${escaped(part.character)}${mark}</span>` : mark;
    })
    .join('') as Html;
}

/** A template whose values are HTML already. */
export function html(strings: TemplateStringsArray, ...values: ReadonlyArray<Html | readonly Html[]>): Html {
  return strings
    .map((string, index) => {
      const value = values[index] ?? '';
      return string + (typeof value === 'string' ? value : value.join(''));
    })
    .join('') as Html;
}
