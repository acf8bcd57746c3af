import type { Page } from 'playwright-core';

/** A person at the keyboard: nothing is clicked, and no script moves the focus. */
export interface Keys {
  /** Goes on by Tab, or back by Shift+Tab, until the control of that name has the focus. @throws Error when none is reached, or when the focus could not be seen on the way. */
  tabTo(name: string | RegExp, how?: 'on' | 'back'): Promise<void>;
  /** Goes there and presses a key; default Enter. */
  press(name: string | RegExp, key?: string): Promise<void>;
  /** Goes to a field and types in place of what is in it. */
  type(field: string | RegExp, text: string): Promise<void>;
  /** Goes to a choice, opens it, and takes the entry that begins with these letters. */
  choose(choice: string | RegExp, entry: string): Promise<void>;
  key(...keys: string[]): Promise<void>;
  /** The name of what has the focus; empty for the page as a whole, the title for a dialog as a whole. */
  focused(): Promise<string>;
}

interface Stop {
  name: string;
  /** The page or a dialog as a whole, which needs no mark: it is what is in front. */
  isWhole: boolean;
  isSeen: boolean;
}

const MOST_STOPS = 120;

// What the person at the screen reads of it, whether it is on the screen, and whether it is marked as having the focus.
const READ_STOP = `(() => {
  const element = document.activeElement;
  const text = (each) => {
    const copy = each?.cloneNode(true);
    for (const hidden of copy?.querySelectorAll?.('[aria-hidden=true]') ?? []) hidden.remove();
    return (copy?.textContent ?? '').trim();
  };
  const label = element.labels?.[0];
  const labelledBy = (element.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => text(document.getElementById(id))).filter(Boolean).join(' ');
  const shown = label?.contains(element) ? label : element;
  const marked = [element, shown, ...(shown === label ? label.querySelectorAll('*') : [])].some((each) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow.includes('inset');
  });
  const { top, bottom, left, right } = shown.getBoundingClientRect();
  return {
    name: element.getAttribute('aria-label') ?? (labelledBy || (label ? text(label) : text(element))),
    isWhole: element === document.body || element.matches('[role=dialog], [role=alertdialog]'),
    isSeen: marked && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
  };
})()`;

export function byKeys(page: Page): Keys {
  const read = () => page.evaluate<Stop>(READ_STOP);
  const is = (name: string | RegExp, { name: found }: Stop) =>
    typeof name === 'string' ? found === name : name.test(found);
  const keys: Keys = {
    async tabTo(name, how = 'on') {
      const passed: string[] = [];
      for (let stop = await read(); !is(name, stop); stop = await read()) {
        if (passed.length >= MOST_STOPS)
          throw new Error(`Nothing called ${String(name)} was reached. On the way: ${passed.join(' | ')}`);
        await page.keyboard.press(how === 'on' ? 'Tab' : 'Shift+Tab');
        const next = await read();
        if (!next.isWhole && !next.isSeen) throw new Error(`The focus can't be seen on “${next.name}”.`);
        passed.push(next.name.slice(0, 40));
      }
    },
    async press(name, key = 'Enter') {
      await keys.tabTo(name);
      await page.keyboard.press(key);
    },
    async type(field, text) {
      await keys.tabTo(field);
      await page.keyboard.press('Control+a');
      await page.keyboard.type(text);
    },
    async choose(choice, entry) {
      await keys.press(choice);
      await page.getByRole('option').first().waitFor();
      await page.keyboard.type(entry);
      await page.keyboard.press('Enter');
      await page.getByRole('option').first().waitFor({ state: 'detached' });
    },
    async key(...pressed) {
      for (const each of pressed) await page.keyboard.press(each);
    },
    focused: async () => (await read()).name,
  };
  return keys;
}
