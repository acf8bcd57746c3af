import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { processEnvironment } from '../../../../src/config/environment.ts';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const shots = processEnvironment()['HOLDPOINT_TEST_SHOTS'];

/**
 * The faults of the screen that a page shows: axe's violations, a page that scrolls, text that is cut, controls that lie
 * on each other. With HOLDPOINT_TEST_SHOTS, a folder, a picture is kept there.
 */
export async function faultsOf(page: Page, name: string): Promise<string[]> {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.addScriptTag({ path: axePath });
  await page.evaluate('document.fonts.ready');
  if (shots !== undefined) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${name.replaceAll(/\W+/g, '-')}.png`) });
  }
  // A dialog hides the rest of the page. axe notices that by the size of the dialog, but not on a phone.
  const ofWholePage = (await page.locator('[role=dialog]:visible, [role=alertdialog]:visible').count()) === 0;
  const rules = { 'landmark-one-main': { enabled: ofWholePage }, 'page-has-heading-one': { enabled: ofWholePage } };
  const violations = await page.evaluate<
    string[]
  >(`axe.run(document, { resultTypes: ['violations'], rules: ${JSON.stringify(rules)} }).then(
    ({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary).join(' | ')))`);
  return [...violations, ...(await page.evaluate<string[]>(`(${String(layoutFaults)})()`))];
}

/** Runs in the page. */
function layoutFaults(): string[] {
  type Box = { left: number; right: number; top: number; bottom: number; width: number; height: number };
  type Node = {
    nodeType: number;
    textContent: string;
    tagName: string;
    parentElement: Node | null;
    childNodes: Iterable<Node>;
    scrollWidth: number;
    clientWidth: number;
    scrollHeight: number;
    clientHeight: number;
    checkVisibility(options: object): boolean;
    getBoundingClientRect(): Box;
    matches(selector: string): boolean;
    closest(selector: string): Node | null;
    contains(other: Node): boolean;
    getAttribute(name: string): string | null;
  };
  const page = globalThis as unknown as {
    document: { documentElement: Node; querySelectorAll(selector: string): Iterable<Node> };
    innerWidth: number;
    innerHeight: number;
    getComputedStyle(node: Node): Record<string, string>;
  };
  const { document, innerWidth, innerHeight } = page;
  const faults: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} pixels wide, of ${innerWidth}`);
  if (root.scrollHeight > innerHeight && document.querySelectorAll('.shell')[Symbol.iterator]().next().done !== true)
    faults.push(`the page is ${root.scrollHeight} pixels high, of ${innerHeight}`);
  const said = (node: Node) => `<${node.tagName.toLowerCase()}> “${node.textContent.trim().slice(0, 60)}”`;
  const isSeen = (node: Node) => {
    const { width, height } = node.getBoundingClientRect();
    return node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && width > 1 && height > 1;
  };
  const isInFront = (node: Node) =>
    node.closest('[role=dialog], .popover, .overlay') !== null || node.closest('[aria-hidden=true], [inert]') === null;
  /** The part of the box that no ancestor hides. */
  const shownBox = (node: Node): Box => {
    let { left, right, top, bottom } = node.getBoundingClientRect();
    for (let each = node.parentElement; each !== null; each = each.parentElement) {
      const { overflowX, overflowY } = page.getComputedStyle(each);
      const box = each.getBoundingClientRect();
      if (overflowX !== 'visible') [left, right] = [Math.max(left, box.left), Math.min(right, box.right)];
      if (overflowY !== 'visible') [top, bottom] = [Math.max(top, box.top), Math.min(bottom, box.bottom)];
    }
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  };
  for (const node of document.querySelectorAll('body *')) {
    const hasText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== '');
    if (!hasText || !isSeen(node)) continue;
    const { overflowX, overflowY, textOverflow } = page.getComputedStyle(node);
    if (overflowX === 'hidden' && textOverflow !== 'ellipsis' && node.scrollWidth > node.clientWidth + 1)
      faults.push(`cut at the side: ${said(node)}`);
    if (overflowY === 'hidden' && node.scrollHeight > node.clientHeight + 2 && textOverflow !== 'ellipsis')
      faults.push(`cut below: ${said(node)}`);
    if (
      overflowX === 'visible' &&
      node.closest('pre, textarea') === null &&
      page.getComputedStyle(node)['display'] !== 'inline'
    ) {
      if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
        faults.push(`runs out of its box: ${said(node)}`);
    }
  }
  const controls = [
    ...document.querySelectorAll('a[href], button, input, select, textarea, [role=switch], [role=checkbox]'),
  ].filter((node) => isSeen(node) && isInFront(node) && !node.matches('[data-react-aria-prevent-focus] *'));
  const dialog = [...document.querySelectorAll('[role=dialog]')].at(-1);
  const front = dialog === undefined ? controls : controls.filter((node) => dialog.contains(node));
  const boxes = front
    .map((node) => ({ node, box: shownBox(node) }))
    .filter(({ box }) => box.width > 2 && box.height > 2);
  for (const [index, { node, box }] of boxes.entries())
    for (const { node: other, box: its } of boxes.slice(index + 1)) {
      if (node.contains(other) || other.contains(node)) continue;
      const width = Math.min(box.right, its.right) - Math.max(box.left, its.left);
      const height = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
      if (width > 3 && height > 3) faults.push(`${said(node)} and ${said(other)} overlap`);
    }
  return faults;
}

/** The controls of the page in the order of Tab, from the top, each with whether its focus is seen. */
export async function tabStops(page: Page, most = 40): Promise<{ name: string; isRinged: boolean }[]> {
  await page.evaluate('document.activeElement?.blur()');
  const stops: { name: string; isRinged: boolean }[] = [];
  for (let count = 0; count < most; count += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate<{ name: string; isRinged: boolean; isFirst: boolean } | null>(`(() => {
      const focused = document.activeElement;
      if (focused === null || focused === document.body) return null;
      const isFirst = focused === window.firstStop;
      window.firstStop ??= focused;
      const ringed = (element) => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
      };
      const near = [focused, focused.parentElement, focused.closest('label'), ...(focused.closest('label')?.querySelectorAll('*') ?? [])];
      return { isFirst, name: (focused.ariaLabel ?? focused.innerText ?? '') + ' <' + focused.tagName + ' ' + focused.className + '>', isRinged: near.some((each) => each && ringed(each)) };
    })()`);
    if (stop === null || stop.isFirst) break;
    stops.push({ name: stop.name, isRinged: stop.isRinged });
  }
  await page.evaluate('delete window.firstStop');
  return stops;
}
