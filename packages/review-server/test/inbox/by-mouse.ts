import type { Locator, Page } from 'playwright-core';

/** A person with a mouse. */
export interface Mouse {
  /** Presses a button. */
  press: (name: string | RegExp) => Promise<void>;
  /** Presses a button of the dialog. */
  pressIn: (name: string) => Promise<void>;
  /** Opens a choice, the last of that name, and takes an entry. */
  choose: (choice: RegExp, entry: string) => Promise<void>;
  dialog: () => Locator;
  /** Waits until no dialog is open. */
  closed: () => Promise<void>;
}

/** `page` is asked for at each step: a test may open another one. */
export function byMouse(page: () => Page): Mouse {
  const dialog = () => page().getByRole('dialog');
  return {
    dialog,
    press: (name) =>
      page()
        .getByRole('button', { name, exact: typeof name === 'string' })
        .click(),
    pressIn: (name) => dialog().getByRole('button', { name, exact: true }).click(),
    choose: async (choice, entry) => {
      await page().getByRole('button', { name: choice }).last().click();
      await page().getByRole('option', { name: entry, exact: true }).click();
      await page().getByRole('option').first().waitFor({ state: 'detached' });
    },
    closed: () => dialog().waitFor({ state: 'detached' }),
  };
}
