import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Placeholder in the built page. Each answer replaces it by a new nonce. */
export const noncePlaceholder = '__csp_nonce__';

/** The web application, as built by `npm run build:inbox`. */
export type BuiltInbox = {
  /** The one page, with `noncePlaceholder` in it. */
  page: string;
  /** By path, such as `/assets/index-1a2b3c.js`. */
  files: ReadonlyMap<string, BuiltFile>;
  /** Files whose name stays: the service worker, the manifest and the icons. */
  namedFiles: ReadonlyMap<string, BuiltFile>;
};

/** A file of the application. */
export type BuiltFile = {
  type: string;
  body: Uint8Array<ArrayBuffer>;
  /** The compressed body. The first call compresses it. Left out for compressed formats. */
  gzipped?: () => Uint8Array<ArrayBuffer>;
};

// Built and published, the folder lies beside `src` of this package.
const inboxFolder = fileURLToPath(new URL('../../dist/inbox/', import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Reads the whole application into memory, so that a later build changes nothing. Undefined if it is not built. */
export function readBuiltInbox(folder = inboxFolder): BuiltInbox | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined;
  return {
    page: readFileSync(join(folder, 'index.html'), 'utf8'),
    files: readBuiltFiles(folder, namesIn(folder, 'assets')),
    namedFiles: readBuiltFiles(folder, ['service-worker.js', 'manifest.webmanifest', ...namesIn(folder, 'icons')]),
  };
}

function namesIn(folder: string, part: string): string[] {
  return readdirSync(join(folder, part)).map((name) => `${part}/${name}`);
}

function readBuiltFiles(folder: string, names: readonly string[]): Map<string, BuiltFile> {
  return new Map(names.map((name) => [`/${name}`, readBuiltFile(join(folder, name))]));
}

function readBuiltFile(path: string): BuiltFile {
  const body = Uint8Array.from(readFileSync(path));
  const type = contentTypes[extname(path)];
  if (type === undefined)
    throw new Error(`The built inbox has a file of an unknown type: ${path}. Add its type to built-inbox.ts.`);
  if (['.woff2', '.png'].includes(extname(path))) return { type, body };
  // Compressing takes as long as the rest of a server's start.
  let gzipped: Uint8Array<ArrayBuffer> | undefined;
  return { type, body, gzipped: () => (gzipped ??= Uint8Array.from(gzipSync(body))) };
}
