import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { createProject, nextSteps } from '../src/index.ts';
import { mergedManifest, type Manifest } from '../src/merged-manifest.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const examples = join(root, 'examples');
const read = (file: string) => readFileSync(file, 'utf8');
const template = JSON.parse(read(join(root, 'packages/create-holdpoint/templates/package.json'))) as Manifest;

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'holdpoint-create-')), 'My App');
});

describe('createProject', () => {
  it('new folder → the example, its tests, and what a project needs', () => {
    const { written, added } = createProject({ folder, example: 'refund', examples });
    expect(written).toEqual([
      '.dockerignore',
      '.github/workflows/test.yml',
      '.gitignore',
      'Dockerfile',
      'README.md',
      'holdpoint.config.ts',
      'package.json',
      'test/histories/refund-waiting.json',
      'test/refund.test.ts',
      'test/replay.test.ts',
      'tools/refund.ts',
      'tsconfig.json',
    ]);
    for (const file of written) expect(existsSync(join(folder, file))).toBe(true);
    expect(added).toEqual([]);
    expect(JSON.parse(read(join(folder, 'package.json')))).toMatchObject({
      name: 'my-app',
      scripts: { test: 'vitest run' },
      dependencies: { holdpoint: `^${manifest.version}` },
    });
  });

  it('README.md, .gitignore and package.json are there → they stay, package.json gets what it lacks', () => {
    mkdirSync(folder);
    const own = { name: 'own', scripts: { test: 'jest' }, dependencies: { holdpoint: 'file:../holdpoint.tgz' } };
    for (const [file, text] of [
      ['README.md', 'Ours.'],
      ['.gitignore', 'dist'],
      ['package.json', JSON.stringify(own)],
    ] as const)
      writeFileSync(join(folder, file), text);
    const created = createProject({ folder, example: 'refund', examples });
    expect([read(join(folder, 'README.md')), read(join(folder, '.gitignore'))]).toEqual(['Ours.', 'dist']);
    expect(JSON.parse(read(join(folder, 'package.json')))).toMatchObject({
      ...own,
      dependencies: { ...own.dependencies, zod: manifest.dependencies.zod },
    });
    expect(created).toMatchObject({ kept: ['.gitignore', 'README.md'], differing: ['scripts.test'] });
    expect(nextSteps(created)).toMatch(
      /Unchanged, since there was one: \.gitignore, README\.md\nAdded to package\.json: .*dependencies\.zod.*\nUnchanged in package\.json: scripts\.test\n\nNext:\n {2}cd .*\n {2}npm install\n/,
    );
  });

  it('other files are there → an error that names them, and nothing is written', () => {
    mkdirSync(join(folder, 'test'), { recursive: true });
    for (const file of ['tsconfig.json', 'test/refund.test.ts', 'README.md']) writeFileSync(join(folder, file), '');
    expect(() => createProject({ folder, example: 'refund', examples })).toThrow(
      `${folder} already has test/refund.test.ts, tsconfig.json. Nothing was written. Move them away, or use another folder.`,
    );
    expect(readdirSync(folder).toSorted()).toEqual(['README.md', 'test', 'tsconfig.json']);
  });

  it('unknown example → an error that names the examples', () => {
    expect(() => createProject({ folder, example: 'refunds', examples })).toThrow(
      'There is no example "refunds". The examples are: email-blast, refund.',
    );
  });

  it.each([
    ['20.20.2', true],
    ['22.17.1', true],
    ['22.18.0', false],
    ['24.21.0', false],
  ])("machine with Node %s → a Node of the project's own: %s", (node, isOld) => {
    const created = createProject({ folder, example: 'refund', examples, node });
    const { devDependencies } = JSON.parse(read(join(folder, 'package.json'))) as Manifest;
    expect(devDependencies?.['node']).toBe(isOld ? manifest.devDependencies.node : undefined);
    expect(nextSteps(created).includes(`This machine has Node ${node}. The project installs Node 24`)).toBe(isOld);
  });

  it('package.json that is no JSON → an error, and nothing is written', () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{');
    expect(() => createProject({ folder, example: 'refund', examples })).toThrow(/package\.json can't be read as JSON/);
    expect(readdirSync(folder)).toEqual(['package.json']);
  });
});

describe('mergedManifest', () => {
  it('test script of npm init → replaced', () => {
    const existing = { scripts: { test: 'echo "Error: no test specified" && exit 1' } };
    const { manifest: merged, added } = mergedManifest(existing, template, 'app');
    expect(merged.scripts?.['test']).toBe('vitest run');
    expect(added).toContain('scripts.test');
  });

  it('package in the other group → not added twice', () => {
    const { manifest: merged } = mergedManifest({ dependencies: { vitest: '^3' } }, template, 'app');
    expect(merged.devDependencies).not.toHaveProperty('vitest');
  });

  it('ranges of the template: those of this repository', () => {
    const ranges = { ...manifest.dependencies, ...manifest.devDependencies };
    expect(ranges).toMatchObject({ ...template.dependencies, ...template.devDependencies });
  });
});
