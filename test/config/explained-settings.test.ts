import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationFiles } from '../../scripts/configuration.ts';
import { explainedSettings } from '../../src/config/explained-settings.ts';
import { settings } from '../../src/config/settings.ts';

const byName = (first: string, second: string) => first.localeCompare(second);
const explained = explainedSettings.flatMap((section) => section.settings.flatMap(({ names }) => names));

it('explained settings: each setting once, and no other', () => {
  const ours = explained.filter((name) => !name.startsWith('TEMPORAL_'));
  expect(ours.toSorted(byName)).toEqual(Object.keys(settings).toSorted(byName));
});

it.each(await configurationFiles())('$path: made from the settings (npm run configuration)', ({ path, text }) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).toBe(text);
});
