import type { Page } from 'playwright-core';

/** Collects the decisions that leave the page, as the paths of the calls. */
export function decisionsOf(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === 'POST' && pathname.endsWith('/decide')) sent.push(pathname);
  });
  return sent;
}

/** Until the page has drawn everything that the last key led to. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(shown))))',
  );
}

/** Until the page's clock has gone on by so many milliseconds. */
export async function passed(page: Page, ms: number): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    const from = performance.now();
    const look = () => performance.now() - from > ${ms} ? done() : requestAnimationFrame(look);
    look();
  })`);
}

/** The script of a key press without a round trip to the browser, with any properties of a keyboard event. */
export function keyScript(key: string, more: object = {}): string {
  return `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', ${JSON.stringify({ key, bubbles: true, cancelable: true, composed: true, ...more })}));`;
}
