import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { repository } from './planted-copy.ts';

type Package = { version?: string; dependencies?: Record<string, Package> };
type Installed = { name: string; version: string; parent: string };

function installed(name: string, { version = '', dependencies = {} }: Package, parent = ''): Installed[] {
  return [
    { name, version, parent },
    ...Object.entries(dependencies).flatMap(([child, each]) => installed(child, each, name)),
  ];
}

const tree = promisify(execFile)('npm', ['ls', '--all', '--json'], { cwd: repository, maxBuffer: 100 * 1024 * 1024 })
  // npm exits with 1 for trifles such as an extraneous package, after it has printed the tree.
  .catch((error: unknown) => error as { stdout: string })
  .then(({ stdout }) => installed('holdpoint', JSON.parse(stdout) as Package));

it("Temporal's packages: one version, since mixed ones fail at run time", async () => {
  const temporal = (await tree).filter(({ name, version }) => name.startsWith('@temporalio/') && version !== '');
  expect(temporal.length).toBeGreaterThan(5);
  expect([...new Set(temporal.map(({ version }) => version))]).toHaveLength(1);
});

it('protobufjs 7: under @grpc/proto-loader only, since replay of JSON histories needs 8', async () => {
  const protobufjs = (await tree).filter(({ name, version }) => name === 'protobufjs' && version !== '');
  expect(protobufjs.filter(({ version, parent }) => version.startsWith('8.') && parent === 'holdpoint')).toHaveLength(
    1,
  );
  expect(
    protobufjs.filter(({ version, parent }) => !version.startsWith('8.') && parent !== '@grpc/proto-loader'),
  ).toEqual([]);
});

type Manifest = { name: string; version: string; dependencies?: Record<string, string>; private?: boolean };
const manifest = (path: string) => JSON.parse(readFileSync(join(repository, path), 'utf8')) as Manifest;
const root = manifest('package.json');
const packages = globSync('packages/*/package.json', { cwd: repository }).map(manifest);

it.each(packages)('dependencies of $name: the bundling tarball has them too', ({ version, dependencies = {} }) => {
  const others = Object.entries(dependencies).filter(([name]) => !name.startsWith('@holdpoint/'));
  expect(root.dependencies).toMatchObject(Object.fromEntries(others));
  expect(version).toBe(root.version);
});
