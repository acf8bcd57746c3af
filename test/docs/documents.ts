import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A document. `file` is relative to the root. */
export type Document = { file: string; text: string };

/** Every Markdown file of the root, docs and examples. */
export const documents: readonly Document[] = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], {
  cwd: root,
  exclude: (name) => name.includes('node_modules'),
})
  .toSorted()
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

/** A document by its file. */
export function documentNamed(file: string): string {
  const found = documents.find((document) => document.file === file);
  if (found === undefined) throw new Error(`There is no ${file}.`);
  return found.text;
}

/** Targets of a document's links and pictures inside this repository, with their headings. */
export function ownLinks({ file, text }: Document): Array<{ path: string; heading: string | undefined }> {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => String(target))
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', heading] = target.split('#');
      return { path: path === '' ? file : join(dirname(file), path), heading };
    });
}

/** The headings of a document as link anchors. */
export function headings(text: string): string[] {
  return [...prose(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    String(heading)
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}

/** The table cells of a document, row by row. */
export function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => /^\s*\|.*\|\s*$/.test(line))
    .map((line) =>
      line
        .trim()
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** A document without its blocks of code. */
function prose(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```$/gm, '');
}
