import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { install, ownFolder, pipIsInstalled } from './installed-packages.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-installed-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('folder of installed packages', () => {
  it('created → for its user only, found again', () => {
    const folder = join(root, 'own');
    expect([ownFolder(folder), ownFolder(folder)]).toEqual([folder, folder]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('writable by others, or a link → refused', () => {
    const [open, link] = [join(root, 'open'), join(root, 'link')];
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(ownFolder(join(root, 'elsewhere')), link);
    for (const folder of [open, link])
      expect(() => ownFolder(folder)).toThrow('Somebody else may have put something into');
  });

  it.skipIf(!pipIsInstalled)('pip fails → empty', async () => {
    const folder = ownFolder(join(root, 'failed'));
    await expect(install('[broken', folder)).rejects.toThrow(/Invalid requirement/);
    expect(readdirSync(folder)).toEqual([]);
  });
});
