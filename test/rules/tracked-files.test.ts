import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from './planted-copy.ts';

/** Traces of a developer's machine and keys, forbidden in the repository. The patterns don't match themselves. */
const forbidden: ReadonlyArray<[what: string, pattern: RegExp]> = [
  ['a path of a machine', /(?<![\w.:/-])\/(?:home|Users|root|work)\/[a-z]\w*/],
  ['a key of OpenAI', /\bsk-(?:proj-)?[A-Za-z0-9]{20,}/],
  ['a key of a cloud', /\bAKIA[0-9A-Z]{16}\b/],
  ['a token of GitHub or npm', /\b(?:gh[pousr]|npm)_[A-Za-z0-9]{36}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  // The path of a workspace is not a registry address.
  ['an address that a package was fetched from', /"resolved"\s*:\s*"(?!packages\/)\w/],
];

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: repository, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '');
const texts = tracked.flatMap((file) => {
  try {
    return [[file, readFileSync(join(repository, file), 'utf8')] as const];
  } catch {
    // Deleted in the working tree, but not yet in git.
    return [];
  }
});

it.each(forbidden)('tracked files: none contains %s', (_what, pattern) => {
  const hits = texts.flatMap(([file, text]) => {
    const match = pattern.exec(text);
    return match === null ? [] : [`${file}: ${match[0]}`];
  });
  expect(texts.length).toBeGreaterThan(100);
  expect(hits).toEqual([]);
});
