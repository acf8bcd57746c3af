import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { temporalPackagesProblem } from '../../src/worker/temporal-packages.ts';

const folders: string[] = [];
afterAll(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The path of a file beside these packages: `name` or `name/node_modules/…` to version. */
function fileBeside(packages: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-packages-'));
  folders.push(folder);
  for (const [name, version] of Object.entries(packages)) {
    const path = join(folder, 'node_modules/@temporalio', name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'package.json'), JSON.stringify({ version }));
  }
  return join(folder, 'file.js');
}

const same = (version: string) =>
  Object.fromEntries(['worker', 'client', 'activity', 'workflow', 'common', 'proto'].map((name) => [name, version]));

it.each([
  ['of this repository', fileURLToPath(import.meta.url)],
  ['the oldest', fileBeside(same('1.24.0'))],
  ['a newer minor version', fileBeside(same('1.99.3'))],
  ['none, as in a bundle', fileBeside({})],
])("Temporal's packages: %s → no problem", (_what, from) => expect(temporalPackagesProblem(from)).toBeUndefined());

it.each<[Record<string, string>, RegExp]>([
  [
    same('1.23.0'),
    /needs version 1\.24 or newer, below 2, .* @temporalio\/worker is 1\.23\.0, in .* Run: npm install @temporalio\/worker@1 /,
  ],
  [same('2.0.0'), /below 2/],
  [
    { ...same('1.24.0'), common: '1.25.1' },
    /one version\. @temporalio\/worker is 1\.24\.0 and @temporalio\/common is 1\.25\.1\. Run/,
  ],
  [
    { ...same('1.24.0'), 'worker/node_modules/@temporalio/common': '1.24.0' },
    /@temporalio\/common is installed twice: .* is Holdpoint's, and .*worker has another\. Remove/,
  ],
])("Temporal's packages %# → the problem and what to do", (packages, says) =>
  expect(temporalPackagesProblem(fileBeside(packages))).toMatch(says),
);
