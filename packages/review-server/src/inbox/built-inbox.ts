import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** Stands in the built page where each answer puts a nonce of its own. */
export const NONCE_PLACEHOLDER = '__csp_nonce__';

/** The web application as `npm run build:inbox` left it. */
export interface BuiltInbox {
  /** The one page, with `NONCE_PLACEHOLDER` in it. */
  page: string;
  /** By path, such as `/assets/index-1a2b3c.js`. */
  files: ReadonlyMap<string, BuiltFile>;
}

/** A file whose name changes with its content. */
export interface BuiltFile {
  type: string;
  body: Uint8Array<ArrayBuffer>;
  /** Nothing for what is compressed already. */
  gzipped?: Uint8Array<ArrayBuffer>;
}

// Built and published, the folder lies beside `src` of this package.
const FOLDER = fileURLToPath(new URL('../../dist/inbox/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** Reads the whole application into memory, so that a build in the meantime changes nothing. Nothing when there is none. */
export function readBuiltInbox(folder = FOLDER): BuiltInbox | undefined {
  if (!existsSync(join(folder, 'index.html'))) return undefined;
  const names = readdirSync(join(folder, 'assets'));
  return {
    page: readFileSync(join(folder, 'index.html'), 'utf8'),
    files: new Map(names.map((name) => [`/assets/${name}`, readBuiltFile(join(folder, 'assets', name))])),
  };
}

function readBuiltFile(path: string): BuiltFile {
  const body = Uint8Array.from(readFileSync(path));
  const type = TYPES[extname(path)];
  if (type === undefined)
    throw new Error(`The built inbox has a file of an unknown kind: ${path}. Give it a type in built-inbox.ts.`);
  return { type, body, ...(extname(path) === '.woff2' ? {} : { gzipped: Uint8Array.from(gzipSync(body)) }) };
}
