import type { Page } from 'playwright-core';
import { until } from '../../../../test/support/until.ts';

type Name = string | RegExp;

/** A user with one input device. */
export type Driver = {
  /** Presses a button or follows a link. */
  press(name: Name): Promise<void>;
  /** Toggles a checkbox or a switch. */
  toggle(name: Name): Promise<void>;
  /** Types in place of the text of a field, the last one of that name. */
  type(field: Name, text: string): Promise<void>;
  /** Opens a select, the last one of that name, and takes the entry. */
  choose(select: Name, entry: string): Promise<void>;
  /** Waits until the focus is there. A mouse user needs no focus: nothing to check. */
  expectFocusOn(name: Name): Promise<void>;
};

export const driverNames = ['mouse', 'keyboard'] as const;

/** A driver for the page. The keyboard driver clicks nothing, and no script moves its focus. */
export function driverOf(name: (typeof driverNames)[number], page: Page): Driver {
  return name === 'mouse' ? byMouse(page) : byKeyboard(page);
}

function byMouse(page: Page): Driver {
  const exactly = (name: Name) => ({ name, exact: typeof name === 'string' });
  return {
    press: async (name) => {
      const dialog = page.getByRole('dialog');
      const front = (await dialog.count()) > 0 ? dialog.last() : page;
      await front
        .getByRole('button', exactly(name))
        .or(front.getByRole('link', exactly(name)))
        .click();
    },
    toggle: (name) =>
      page
        .getByRole('checkbox', exactly(name))
        .or(page.getByRole('switch', exactly(name)))
        .locator('xpath=ancestor::label[1]')
        .click(),
    type: (field, text) =>
      page
        .getByLabel(field, { exact: typeof field === 'string' })
        .last()
        .fill(text),
    choose: async (select, entry) => {
      await page.getByRole('button', { name: select }).last().click();
      await page.getByRole('option', { name: entry, exact: true }).click();
      await page.getByRole('option').first().waitFor({ state: 'detached' });
    },
    expectFocusOn: async () => {},
  };
}

/** The most controls on the way of one Tab journey. */
const mostStops = 120;

type Stop = {
  name: string;
  /** The page or a dialog as a whole, which needs no focus mark. */
  isWhole: boolean;
  isVisible: boolean;
};

// The name of the focused element, and whether the element and its focus mark are visible.
const readStop = `(() => {
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
    isVisible: marked && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth,
  };
})()`;

function byKeyboard(page: Page): Driver {
  const read = () => page.evaluate<Stop>(readStop);
  const matches = (name: Name, { name: found, isWhole }: Stop) =>
    !isWhole && (typeof name === 'string' ? found === name : name.test(found));
  /** Presses Tab until the control has the focus. Each control on the way must be visible and marked. */
  const tabTo = async (name: Name) => {
    const passed: string[] = [];
    for (let stop = await read(); !matches(name, stop);) {
      if (passed.length >= mostStops)
        throw new Error(`No control “${String(name)}” was reached. On the way: ${passed.join(' | ')}`);
      await page.keyboard.press('Tab');
      stop = await read();
      if (!stop.isWhole && !stop.isVisible) throw new Error(`The focus is invisible on “${stop.name}”.`);
      passed.push(stop.name.slice(0, 40));
    }
  };
  return {
    press: async (name) => {
      await tabTo(name);
      await page.keyboard.press('Enter');
    },
    toggle: async (name) => {
      await tabTo(name);
      await page.keyboard.press(' ');
    },
    type: async (field, text) => {
      await tabTo(field);
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Delete');
      await page.keyboard.insertText(text);
    },
    choose: async (select, entry) => {
      await tabTo(select);
      await page.keyboard.press('Enter');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('Home');
      for (
        let presses = 0;
        (await page.evaluate('document.activeElement.textContent.trim()')) !== entry;
        presses += 1
      ) {
        if (presses > mostStops) throw new Error(`No entry “${entry}” was reached.`);
        await page.keyboard.press('ArrowDown');
      }
      await page.keyboard.press('Enter');
      await page.getByRole('option').first().waitFor({ state: 'detached' });
    },
    expectFocusOn: async (name) => {
      await until(`the focus is on “${String(name)}”`, async () => matches(name, await read()));
    },
  };
}
