import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { failures } from '../../src/domain/failures.ts';

/** First column of the rows: `| \`ModelUnavailable\` | …`. */
const documented = (text: string) =>
  [...text.matchAll(/^\|\s*`([A-Z][A-Za-z]+)`\s*\|/gm)].map(([, type]) => String(type));

it('docs/errors.md: failures → exactly one row each', () => {
  const text = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  expect(documented(text).toSorted()).toEqual(Object.keys(failures).toSorted());
});
