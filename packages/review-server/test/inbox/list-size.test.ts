import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

/** The script that the browser needs before it shows the list, compressed with gzip, in bytes. */
const mostBytes = 130_000;

const built = fileURLToPath(new URL('../../dist/inbox/', import.meta.url));

type Manifest = Record<
  string,
  { file: string; imports?: string[]; dynamicImports?: string[]; isDynamicEntry?: boolean }
>;

function readBuild() {
  const manifest = JSON.parse(readFileSync(`${built}manifest.json`, 'utf8')) as Manifest;
  const files = new Set<string>();
  const add = (name: string) => {
    const { file, imports = [] } = manifest[name]!;
    if (files.has(file)) return;
    files.add(file);
    imports.forEach(add);
  };
  add('index.html');
  return { manifest, files: [...files], page: readFileSync(`${built}index.html`, 'utf8') };
}

describe.skipIf(!existsSync(`${built}manifest.json`))('script of the list', () => {
  it(`built inbox → at most ${mostBytes} bytes compressed`, () => {
    const sizes = Object.fromEntries(
      readBuild().files.map((file) => [file, gzipSync(readFileSync(built + file), { level: 9 }).length]),
    );
    const sum = Object.values(sizes).reduce((all, size) => all + size, 0);
    expect(sum, `Load a part later with lazyPart. ${JSON.stringify(sizes)}`).toBeLessThanOrEqual(mostBytes);
  });

  it('built page → preloads the scripts of the list and no others', () => {
    const { files, page } = readBuild();
    const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, name]) => name!);
    expect(named.toSorted()).toEqual(files.toSorted());
  });

  it.each([
    'approval/approval-view.tsx',
    'decide/edit-form.tsx',
    'session/sign-in-page.tsx',
    'shell/open-user-menu.tsx',
    'admin/users-page.tsx',
    'runs/runs-page.tsx',
  ])('%s → a part of its own', (part) => {
    const { manifest, files } = readBuild();
    expect(manifest[part]).toMatchObject({ isDynamicEntry: true });
    expect(files).not.toContain(manifest[part]!.file);
  });
});
