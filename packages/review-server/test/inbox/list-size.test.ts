import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInbox, compressedSizes, listScripts } from '../../scripts/list-script.ts';

/** The script that the browser needs before it shows the list, compressed with gzip, in bytes. */
const mostBytes = 130_000;

describe.skipIf(!existsSync(`${builtInbox}manifest.json`))('script of the list', () => {
  it(`built inbox → at most ${mostBytes} bytes compressed`, () => {
    const sizes = compressedSizes(listScripts().files);
    const sum = Object.values(sizes).reduce((all, size) => all + size, 0);
    expect(sum, `Load a part later with lazyPart. ${JSON.stringify(sizes)}`).toBeLessThanOrEqual(mostBytes);
  });

  it('built page → preloads the scripts of the list and no others', () => {
    const page = readFileSync(`${builtInbox}index.html`, 'utf8');
    const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, name]) => name!);
    expect(named.toSorted()).toEqual(listScripts().files.toSorted());
  });

  it.each([
    'approval/approval-view.tsx',
    'decide/edit-form.tsx',
    'session/sign-in-page.tsx',
    'shell/open-user-menu.tsx',
    'admin/users-page.tsx',
    'runs/runs-page.tsx',
  ])('%s → a part of its own', (part) => {
    const { manifest, files } = listScripts();
    expect(manifest[part]).toMatchObject({ isDynamicEntry: true });
    expect(files).not.toContain(manifest[part]!.file);
  });
});
