import MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { html, textHtml, type Html } from './html.ts';

/** Longer texts are shown as they are: markdown of any length takes the page too long. */
const longestMarkdown = 50_000;

// Only its parser is used. `html: false`: tags in the text are text.
const parser = new MarkdownIt('default', { html: false, linkify: false, typographer: false });

/** Elements that have a begin and an end, by the tag of the parser. */
const elements = new Set('h1 h2 h3 h4 h5 h6 p blockquote ul ol li table thead tbody tr th td strong em s'.split(' '));

/** Markdown as HTML without links and images: their addresses are shown as text. */
export function markdownHtml(text: string): Html {
  if (text.length > longestMarkdown) return plainHtml(text);
  try {
    return tokensHtml(parser.parse(text, {}));
  } catch {
    return plainHtml(text);
  }
}

/** A text with its line breaks. */
export function plainHtml(text: string): Html {
  return html`<pre>${textHtml(text)}</pre>`;
}

function tokensHtml(tokens: readonly Token[]): Html {
  const addresses: string[] = [];
  return tokens.map((token) => tokenHtml(token, addresses)).join('') as Html;
}

/** `addresses`: of the links that are open. */
function tokenHtml(token: Token, addresses: string[]): Html {
  const { type, tag, nesting, content, children } = token;
  switch (type) {
    case 'inline':
      return tokensHtml(children ?? []);
    case 'text':
    case 'text_special':
    case 'html_inline':
    case 'html_block':
      return textHtml(content);
    case 'code_inline':
      return html`<code>${textHtml(content)}</code>`;
    case 'code_block':
    case 'fence':
      return plainHtml(content);
    case 'softbreak':
    case 'hardbreak':
      return html`<br />`;
    case 'hr':
      return html`<hr />`;
    case 'link_open':
      addresses.push(addressOf(token, 'href'));
      return html`<span class="link"></span>`;
    case 'link_close':
      return html`</span> <span class="address">(${textHtml(addresses.pop() ?? '')})</span>`;
    case 'image':
      return html`<span class="address">[image: ${textHtml(content)} (${textHtml(addressOf(token, 'src'))})]</span>`;
    default:
      if (!elements.has(tag)) return textHtml(content);
      return (nesting === 1 ? `<${tag}>` : nesting === -1 ? `</${tag}>` : '') as Html;
  }
}

function addressOf(token: Token, name: 'href' | 'src'): string {
  return token.attrGet(name) ?? '';
}
