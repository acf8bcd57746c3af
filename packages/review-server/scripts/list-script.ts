import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** The inbox, as `npm run build:inbox` makes it. */
export const builtInbox = fileURLToPath(new URL('../dist/inbox/', import.meta.url));

export type Manifest = Record<
  string,
  { file: string; imports?: string[]; dynamicImports?: string[]; isDynamicEntry?: boolean }
>;

/** The scripts that the browser needs before it shows the list. @throws Error if the inbox is not built. */
export function listScripts(): { manifest: Manifest; files: string[] } {
  const manifest = JSON.parse(readFileSync(`${builtInbox}manifest.json`, 'utf8')) as Manifest;
  const files = new Set<string>();
  const add = (name: string) => {
    const { file, imports = [] } = manifest[name]!;
    if (files.has(file)) return;
    files.add(file);
    imports.forEach(add);
  };
  add('index.html');
  return { manifest, files: [...files] };
}

/** The bytes of each of them, compressed with gzip. */
export function compressedSizes(files: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    files.map((file) => [file, gzipSync(readFileSync(builtInbox + file), { level: 9 }).length]),
  );
}
