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

/** Waits until the page has rendered the result of the last key. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    'new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(shown))))',
  );
}

/** Waits by the clock of the page, in milliseconds. */
export async function passed(page: Page, ms: number): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    const from = performance.now();
    const check = () => performance.now() - from > ${ms} ? done() : requestAnimationFrame(check);
    check();
  })`);
}

/** A script that dispatches a keydown with these event properties, for presses without a round trip to the browser. */
export function keyScript(key: string, more: object = {}): string {
  return `document.activeElement.dispatchEvent(new KeyboardEvent('keydown', ${JSON.stringify({ key, bubbles: true, cancelable: true, composed: true, ...more })}));`;
}
