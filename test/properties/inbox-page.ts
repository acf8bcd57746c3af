import type { Page } from 'playwright-core';
import { startChromium } from '../support/chromium.ts';

/** The inbox in a browser, as one signed-in reviewer sees it. */
export type InboxPage = {
  /** Opens a request and reads the arguments that the page shows. */
  read(approvalId: string): Promise<ArgumentsOnPage>;
  close(): Promise<void>;
};

export type ArgumentsOnPage = {
  heading: string;
  /** The values beside their names, as one JSON text. */
  fields: string;
  /** The text under “View as JSON”. */
  json: string;
  /** Characters that the page draws as nothing, or text that it does not draw. */
  unseen: string[];
};

/** Opens the inbox of a review server, signed in by a session token. */
export async function openInboxPage(url: string, token: string): Promise<InboxPage> {
  const browser = await startChromium();
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  await context.addCookies([{ name: 'holdpoint_session', value: token, url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return {
    async read(approvalId) {
      await page.goto(`${url}/approvals/${approvalId}`);
      const heading = await page.locator('section:has(.arguments) h2').first().innerText();
      const fields = await opened(page);
      await page.getByRole('button', { name: 'View as JSON' }).first().click();
      const json = await opened(page);
      return { heading, fields: fields.text, json: json.text, unseen: [...fields.unseen, ...json.unseen] };
    },
    close: () => browser.close(),
  };
}

/** The first block of arguments, with all hidden parts opened. */
async function opened(page: Page): Promise<{ text: string; unseen: string[] }> {
  const more = page
    .locator('.arguments')
    .first()
    .getByRole('button', { name: /^Show all/ });
  while ((await more.count()) > 0) await more.first().click();
  return page.evaluate<{ text: string; unseen: string[] }>(readArguments);
}

/*
 * Reads characters back from their marks: a code point stands for its character, and a look-alike has both. Every other
 * character must be one that is drawn, and the text of a value must be on the screen as it is in the document.
 */
const readArguments = `(() => {
  const unseen = [];
  const invisible = /[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}]/u;
  const charactersOf = (codePoint) => {
    const [, hex, , count] = /^U\\+([0-9A-F]+)( ×(\\d+))?$/.exec(codePoint);
    return String.fromCodePoint(parseInt(hex, 16)).repeat(Number(count ?? 1));
  };
  const read = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      if (invisible.test(node.data.replaceAll('\\n', ''))) unseen.push('an unmarked character in ' + JSON.stringify(node.data));
      return node.data;
    }
    if (node.matches('.long-text-more')) return '';
    if (node.matches('.code-point')) return charactersOf(node.innerText);
    if (node.matches('.lookalike')) {
      const [character, mark] = node.childNodes;
      if (charactersOf(mark.innerText) !== character.data) unseen.push('another character than ' + mark.innerText);
      return character.data;
    }
    return [...node.childNodes].map(read).join('');
  };
  const textOf = (element) => {
    const drawn = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');
    for (const node of drawn) {
      const range = document.createRange();
      range.selectNodeContents(node);
      if (range.getClientRects().length === 0) unseen.push('not drawn: ' + JSON.stringify(node.data));
    }
    if (element.querySelector('.long-text-more') === null && element.innerText !== element.textContent)
      unseen.push('drawn as ' + JSON.stringify(element.innerText) + ': ' + JSON.stringify(element.textContent));
    return read(element);
  };
  const jsonOf = (parent) => {
    const element = parent.querySelector(':scope > :is(.value, .fields, .items)');
    if (element.matches('.value-string')) return JSON.stringify(textOf(element));
    if (element.matches('.items')) return '[' + [...element.children].map(jsonOf).join(',') + ']';
    if (element.matches('.fields'))
      return '{' + [...element.children].map((entry) => {
        const key = textOf(entry.querySelector(':scope > dt'));
        return JSON.stringify(key) + ':' + jsonOf(entry.querySelector(':scope > dd'));
      }).join(',') + '}';
    const plain = textOf(element);
    return plain === 'No arguments' ? '{}' : plain;
  };
  const block = document.querySelector('.arguments');
  const json = block.querySelector(':scope > pre');
  return { text: json === null ? jsonOf(block) : textOf(json), unseen };
})()`;
