import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { describeInBrowser, inboxTest } from './inbox-test.ts';

const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const strict = (properties: object) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const planSchema = strict({
  size: orNull({ type: 'string', enum: ['S', 'M', 'L'] }),
  seats: { type: ['integer', 'null'] },
  note: orNull({ type: 'string' }),
  place: orNull(strict({ room: { type: 'string' }, floor: orNull({ type: 'number' }) })),
});
const plan = { size: 'M', seats: 4, note: 'soon', place: { room: 'A', floor: 2 } };
const recurrenceSchema = strict({
  recurrence: {
    oneOf: [
      strict({ type: { type: 'string', const: 'once' }, date: { type: 'string', minLength: 4 } }),
      strict({
        type: { type: 'string', const: 'weekly' },
        day: { type: 'integer', minimum: 1 },
        until: orNull({ type: 'string' }),
      }),
    ],
  },
});
const once = { recurrence: { type: 'once', date: '2026-12-01' } };

const it = inboxTest()
  .extend('edit', ({ page, show }) => async (details: object, argumentsSchema?: object): Promise<string> => {
    const id = await show({ details, ...(argumentsSchema && { argumentsSchema }) });
    await page.keyboard.press('e');
    await page.locator('.schema-form').waitFor();
    return id;
  })
  .extend(
    'choose',
    ({ page }) =>
      (label: string, start: string) =>
        chooseByKeys(page, label, start),
  )
  .extend(
    'type',
    ({ page }) =>
      (label: string, text: string) =>
        typeByKeys(page, label, text),
  )
  .extend('approved', ({ page, note, press, read }) => async (id: string, how?: 'click'): Promise<unknown> => {
    await note.focus();
    // Right after a reload a key decides nothing.
    if (how === 'click') await press('Approve with changes');
    else await page.keyboard.press('Control+Enter');
    await page.getByText('Approved with changes by you').waitFor();
    return (await read(id)).modifiedDetails;
  })
  .extend('blockedBy', ({ page }) => async (problem: string): Promise<void> => {
    await page.locator('.answers-why').filter({ hasText: problem }).waitFor();
    await page.locator('button:disabled').filter({ hasText: 'Approve with changes' }).waitFor();
  });

/** Letters on a select choose the entry that begins with them. */
async function chooseByKeys(page: Page, label: string, start: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).focus();
  await page.keyboard.type(start);
}

async function typeByKeys(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.type(text);
}

describeInBrowser('“no value” in the edit form', () => {
  it.for(['size', 'seats', 'note', 'place'])(
    '%s → no value: null is approved',
    async (key, { edit, choose, approved }) => {
      const id = await edit(plan, planSchema);
      await choose(key, 'no');
      expect(await approved(id)).toEqual({ ...plan, [key]: null });
    },
  );

  it('no value → a number, a text, an object: the values are approved', async ({ edit, choose, type, approved }) => {
    const id = await edit({ size: null, seats: null, note: null, place: null }, planSchema);
    await choose('seats', 'w');
    await type('seats: whole number', '12');
    await choose('note', 't');
    await type('note: text', 'now');
    await choose('place', 'o');
    await type('room', 'B');
    expect(await approved(id)).toEqual({ size: null, seats: 12, note: 'now', place: { room: 'B', floor: null } });
  });

  it('no value → a number that is not entered: Approve is off, also after a reload', async ({
    page,
    edit,
    choose,
    type,
    approved,
    blockedBy,
  }) => {
    const id = await edit({ ...plan, seats: null }, planSchema);
    await choose('seats', 'w');
    await blockedBy('seats: Enter a whole number.');
    await page.reload();
    await blockedBy('seats: Enter a whole number.');
    await type('seats: whole number', '7');
    expect(await approved(id, 'click')).toEqual({ ...plan, seats: 7 });
  });
});

describeInBrowser('unions in the edit form', () => {
  it('once → weekly without an end: titles by discriminator, approved', async ({
    page,
    edit,
    choose,
    type,
    approved,
  }) => {
    const id = await edit(once, recurrenceSchema);
    expect(await page.getByLabel('recurrence', { exact: true }).locator('option').allTextContents()).toEqual([
      'once',
      'weekly',
    ]);
    expect(await page.getByLabel('type', { exact: true }).count()).toBe(0);
    await choose('recurrence', 'w');
    await type('day', '3');
    expect(JSON.stringify(await approved(id))).toBe('{"recurrence":{"type":"weekly","day":3,"until":null}}');
  });

  it('invalid value → words about the chosen branch only', async ({ page, edit, choose, type, blockedBy }) => {
    await edit(once, recurrenceSchema);
    await choose('recurrence', 'w');
    await blockedBy('recurrence: “day” is required.');
    await type('day', '0');
    await page.locator('.schema-form').getByText('0 is less than 1.', { exact: true }).waitFor();
    expect(await page.locator('.answers-why').innerText()).toBe('recurrence.day: 0 is less than 1.');
  });

  it('number or text → the number stays a number, the chosen text is a text', async ({
    edit,
    choose,
    type,
    approved,
  }) => {
    const schema = strict({
      ref: { anyOf: [{ type: 'string' }, { type: 'number' }] },
      n: { type: ['number', 'string'] },
    });
    const id = await edit({ ref: 5, n: 5 }, schema);
    await type('ref: number', '6');
    await choose('n', 't');
    await type('n: text', '6');
    expect(await approved(id)).toEqual({ ref: 6, n: '6' });
  });

  it('value that no branch and no list has → shown', async ({ page, edit }) => {
    const schema = strict({
      size: { type: 'string', enum: ['S', 'M'] },
      pay: { anyOf: [strict({ kind: { const: 'card' } }), strict({ kind: { const: 'bank' } })] },
    });
    await edit({ size: 'XL', pay: { kind: 'cash' } }, schema);
    expect(await page.getByLabel('size', { exact: true }).locator('option:checked').innerText()).toBe(
      'XL (not in the list)',
    );
    expect(await page.getByLabel('kind', { exact: true }).inputValue()).toBe('"cash"');
  });

  it('branch by reference, and true, false or no value → approved', async ({ page, edit, choose, type, approved }) => {
    const schema = {
      ...strict({
        pay: { anyOf: [{ $ref: '#/$defs/card' }, { $ref: '#/$defs/bank' }] },
        paid: orNull({ type: 'boolean' }),
      }),
      $defs: {
        card: { ...strict({ kind: { const: 'card' }, number: { type: 'string' } }), title: 'Credit card' },
        bank: strict({ kind: { const: 'bank' }, iban: { type: 'string' } }),
      },
    };
    const id = await edit({ pay: { kind: 'card', number: '4242' }, paid: null }, schema);
    expect(await page.getByLabel('pay', { exact: true }).locator('option').allTextContents()).toEqual([
      'Credit card',
      'bank',
    ]);
    await choose('pay', 'b');
    await type('iban', 'DE12');
    await choose('paid', 'f');
    expect(await approved(id)).toEqual({ pay: { kind: 'bank', iban: 'DE12' }, paid: false });
  });
});

describeInBrowser('names of prototype members in the edit form', () => {
  it.for(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
    '%s → both values are approved',
    async (key, { edit, type, approved }) => {
      const id = await edit(
        { [key]: 'Ferrari', points: 12 },
        strict({ [key]: { type: 'string' }, points: { type: 'number' } }),
      );
      await type('points', '13');
      await type(key, 'Lotus');
      expect(JSON.stringify(await approved(id))).toBe(JSON.stringify({ [key]: 'Lotus', points: 13 }));
    },
  );

  it('constructor without a schema → removed, put back, approved', async ({ page, edit, press, type, approved }) => {
    const id = await edit({ constructor: 'Ferrari', points: 12 });
    await press('Remove constructor');
    await press('Put back constructor');
    await type('points', '13');
    await page.reload();
    expect(await approved(id, 'click')).toEqual({ constructor: 'Ferrari', points: 13 });
  });
});

describeInBrowser('numbers in the edit form', () => {
  it('1.250 in German → refused with both ways to write it, and 1250 is approved', async ({ inbox, ask, read }) => {
    const id = await ask({ details: { amount: 5 } });
    const page = await inbox.open(`/approvals/${id}`, { context: { locale: 'de-DE' } });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('e');
    await typeByKeys(page, 'amount', '1.250');
    await page.locator('.schema-form').getByText('Write 1250 or, with a fraction, 1.2500.').waitFor();
    expect(await page.getByRole('button', { name: 'Approve with changes' }).isDisabled()).toBe(true);
    await typeByKeys(page, 'amount', '1250');
    await page.getByLabel('Note', { exact: true }).focus();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Approved with changes by you').waitFor();
    expect((await read(id)).modifiedDetails).toEqual({ amount: 1250 });
  });

  it.for([
    ['1,5', 'Write the number with a point and without separators: 1234.5.'],
    ['1 000', 'Write the number with a point and without separators: 1234.5.'],
    ['many', 'Enter a number.'],
    ['0x10', 'Enter a number.'],
    ['9007199254740993', 'This number is too precise for a form. Edit it as JSON.'],
  ])('“%s” without a schema → refused at the field', async ([typed, problem], { page, edit, type, blockedBy }) => {
    await edit({ amount: 5 });
    await type('amount', typed!);
    await page.locator('.schema-form').getByText(problem!, { exact: true }).waitFor();
    await blockedBy(`amount: ${problem}`);
    expect(await page.getByLabel('amount', { exact: true }).inputValue()).toBe(typed);
  });
});

describeInBrowser('parts of the edit form', () => {
  it('list → items are named by place and text; the added one is complete', async ({
    page,
    edit,
    press,
    type,
    approved,
  }) => {
    const lines = { type: 'array', items: strict({ name: { type: 'string' }, until: orNull({ type: 'string' }) }) };
    const id = await edit({ lines: [{ name: 'pen', until: null }] }, strict({ lines }));
    await page.getByRole('group', { name: 'lines 1: pen' }).waitFor();
    await press('Add to lines');
    await page.getByLabel('name', { exact: true }).last().focus();
    await page.keyboard.type('ink');
    await page.getByRole('group', { name: 'lines 2: ink' }).waitFor();
    await press('Remove lines 1');
    await type('name', 'blue ink');
    expect(await approved(id)).toEqual({ lines: [{ name: 'blue ink', until: null }] });
  });

  it('map of any keys → a field for JSON, which refuses what is none', async ({ edit, type, blockedBy, approved }) => {
    const schema = strict({ tags: { type: 'object', additionalProperties: { type: 'string' } } });
    const id = await edit({ tags: { a: 'b' } }, schema);
    await type('tags', '{"a":');
    await blockedBy('tags: Invalid JSON');
    await type('tags', '{"a":"c","d":"e"}');
    expect(await approved(id)).toEqual({ tags: { a: 'c', d: 'e' } });
  });

  it('schema without a form → the JSON editor with a sentence', async ({ page, show, press }) => {
    await show({
      details: { a: 1 },
      argumentsSchema: { type: 'object', patternProperties: { '^a': { type: 'number' } } },
    });
    await page.keyboard.press('e');
    await page.getByText('The form can’t show these arguments. Edit them as JSON.').waitFor();
    await page.getByLabel('Arguments as JSON').fill('{"a":2}');
    await press('Approve with changes');
    await page.getByText('Approved with changes by you').waitFor();
  });

  it('error inside the form → the JSON editor with a sentence, and the page stays', async ({ inbox, ask }) => {
    const id = await ask({ details: { a: 1 } });
    const page = await inbox.open(`/approvals/${id}`, { fresh: true });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.evaluate('Intl.NumberFormat.prototype.formatToParts = () => { throw new Error("broken"); }');
    await page.keyboard.press('e');
    await page.getByText('The form can’t show these arguments. Edit them as JSON.').waitFor();
    await page.getByLabel('Arguments as JSON').fill('{"a":2}');
    expect(await page.getByRole('button', { name: 'Approve with changes' }).isEnabled()).toBe(true);
    expect(inbox.problems.splice(0).join()).toContain('broken');
  });
});

describeInBrowser('heading of the arguments', () => {
  it.for([
    ['tool call', { holdpoint: { kind: 'call' } }, 'Exactly this will run'],
    ['request of a program', {}, 'Exact arguments'],
  ] as const)('%s → its heading', async ([, sealed, heading], { page, show }) => {
    await show({ details: { a: 1, ...sealed } });
    await page.getByRole('heading', { name: heading, exact: true }).waitFor();
  });
});
