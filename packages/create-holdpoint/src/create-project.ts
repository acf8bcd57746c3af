import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleFile, exampleNames, readExample } from './examples.ts';
import { mergedManifest, type Manifest } from './merged-manifest.ts';

const templates = fileURLToPath(new URL('../templates/', import.meta.url));

/** The places of the templates in a project. npm leaves files such as .gitignore out of a tarball. */
const places: Readonly<Record<string, string>> = {
  'tsconfig.json': 'tsconfig.json',
  Dockerfile: 'Dockerfile',
  dockerignore: '.dockerignore',
  gitignore: '.gitignore',
  'test.yml': '.github/workflows/test.yml',
};

/** Files that stay as they are if they exist. */
const kept: ReadonlySet<string> = new Set(['README.md', '.gitignore']);

export type CreatedProject = {
  folder: string;
  example: string;
  /** The new files, by their paths in the project. */
  written: readonly string[];
  /** Files that were there and are unchanged. */
  kept: readonly string[];
  /** What package.json lacked, such as `scripts.test`. Empty if it is new. */
  added: readonly string[];
  /** Entries of package.json that differ from those of a new project, and stay. */
  differing: readonly string[];
  /** A command for a running stack. */
  tryIt: string;
  /** This machine's Node if it is too old. The project then has a Node of its own. */
  oldNode: string | null;
};

/** The project can't be created. The message says what to do. Nothing was written. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
}

/** `folder` is created if it is missing. `examples`: the folder of examples. `node`: the version of this machine's Node. */
type CreateProject = { folder: string; example: string; examples: string; node?: string };

/** The oldest Node that runs Holdpoint, and the package of a newer one: npm and npx find its program first. */
const oldestNode = [22, 18] as const;
const nodePackage = { node: '^24.21.0' };

/**
 * Writes an example and what a project needs around it.
 * @throws ProjectError for an unknown example, and for files that are there already.
 */
export function createProject({
  folder,
  example,
  examples,
  node = process.versions.node,
}: CreateProject): CreatedProject {
  const names = exampleNames(examples);
  if (!names.includes(example))
    throw new ProjectError(`There is no example "${example}". The examples are: ${names.join(', ')}.`);

  const sources = new Map([
    ...filesOf(join(examples, example)).map((path) => [path, join(examples, example, path)] as const),
    ...Object.entries(places).map(([template, path]) => [path, join(templates, template)] as const),
  ]);
  sources.delete(exampleFile);
  const there = [...sources.keys()].filter((path) => existsSync(join(folder, path))).toSorted();
  const conflicts = there.filter((path) => !kept.has(path));
  if (conflicts.length > 0)
    throw new ProjectError(
      `${folder} already has ${conflicts.join(', ')}. Nothing was written. Move ${conflicts.length === 1 ? 'it' : 'them'} away, or use another folder.`,
    );

  const manifestFile = join(folder, 'package.json');
  const own = existsSync(manifestFile) ? readManifest(manifestFile) : undefined;
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[-._]+/g, '');
  const template = readManifest(join(templates, 'package.json'));
  const isOld = isOlder(node);
  if (isOld) template.devDependencies = { ...template.devDependencies, ...nodePackage };
  const { manifest, added, differing } = mergedManifest(own, template, name);

  const written = [...sources.keys()].filter((path) => !there.includes(path)).toSorted();
  for (const path of written) write(join(folder, path), readFileSync(sources.get(path)!, 'utf8'));
  write(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`);
  return {
    folder,
    example,
    written: own === undefined ? [...written, 'package.json'].toSorted() : written,
    kept: there,
    added,
    differing,
    tryIt: readExample(examples, example).tryIt,
    oldNode: isOld ? node : null,
  };
}

function isOlder(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
}

function readManifest(file: string): Manifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (cause) {
    throw new ProjectError(
      `${file} can't be read as JSON: ${cause instanceof Error ? cause.message : String(cause)}. Nothing was written.`,
    );
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
