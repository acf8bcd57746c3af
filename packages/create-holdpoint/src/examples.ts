import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The file that makes a folder of examples/ a project to start from. It is not copied. */
export const exampleFile = 'example.json';

/** `tryIt`: a command for a running stack. */
export type Example = { description: string; tryIt: string };

/** The names of the examples in this folder, in alphabetical order. */
export function exampleNames(examples: string): string[] {
  return readdirSync(examples)
    .filter((name) => existsSync(join(examples, name, exampleFile)))
    .toSorted((a, b) => a.localeCompare(b, 'en'));
}

export function readExample(examples: string, name: string): Example {
  return JSON.parse(readFileSync(join(examples, name, exampleFile), 'utf8')) as Example;
}
