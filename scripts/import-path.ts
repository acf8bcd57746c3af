import { relative } from 'node:path';

/** The specifier by which a file in the folder `from` imports the file `to`. */
export function importPath(from: string, to: string): string {
  const path = relative(from, to);
  return path.startsWith('.') ? path : `./${path}`;
}
