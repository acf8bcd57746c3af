import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startPackageRegistry, type PackageRegistry } from '../support/package-registry.ts';
import { packedTarball, userEnvironment } from '../support/packed.ts';
import { runners } from './runner-tests.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdpoint-created-')));
let registry: PackageRegistry;
let environment: Record<string, string>;

beforeAll(async () => {
  registry = await startPackageRegistry([
    await packedTarball('holdpoint', folder),
    await packedTarball('create-holdpoint', folder),
  ]);
  const user = userEnvironment();
  const node = fileURLToPath(new URL('../../node_modules/node/bin', import.meta.url));
  environment = {
    ...user,
    PATH: `${node}${delimiter}${user['PATH']}`,
    npm_config_registry: registry.url,
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_yes: 'true',
  };
}, 600_000);
afterAll(() => {
  registry?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command as a user does. Its output, both streams. @throws Error with the output of a command that fails. */
async function shell(cwd: string, command: string, ...args: string[]): Promise<string> {
  const ended = await promisify(execFile)(command, args, {
    cwd,
    env: environment,
    maxBuffer: 50_000_000,
    timeout: 300_000,
  }).catch((error: unknown) => {
    const { message, stdout, stderr } = error as Error & { stdout: string; stderr: string };
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  });
  return ended.stdout + ended.stderr;
}

type Way = 'npm create holdpoint' | 'holdpoint init';

const ways: { [way in Way]: (project: string, example: string) => Promise<void> } = {
  async 'npm create holdpoint'(project, example) {
    const said = await shell(project, 'npm', 'create', 'holdpoint', '--', '--example', example);
    expect(said).toContain('npm install');
  },
  async 'holdpoint init'(project, example) {
    writeFileSync(join(project, 'README.md'), '# Ours\n');
    await shell(project, 'npm', 'install', 'holdpoint');
    const said = await shell(project, 'npx', 'holdpoint', 'init', '--example', example);
    expect(said).toContain('Unchanged, since there was one: README.md');
    expect(readFileSync(join(project, 'README.md'), 'utf8')).toBe('# Ours\n');
  },
};

describe.each([
  ['refund', 4],
  ['email-blast', 3],
] as const)('created project, example %s', { timeout: 900_000 }, (example, tests) => {
  it.each(Object.keys(ways) as Way[])('%s → compiles, its own tests pass, replay included', async (way) => {
    const project = join(folder, `${way.replaceAll(' ', '-')}-${example}`);
    mkdirSync(project);
    await ways[way](project, example);
    await shell(project, 'npm', 'install');
    // What GitHub Actions and the Dockerfile run: the first needs a lock file, as the second does.
    const workflow = parse(readFileSync(join(project, '.github/workflows/test.yml'), 'utf8')) as {
      jobs: { test: { steps: Array<{ run?: string }> } };
    };
    expect(workflow.jobs.test.steps.flatMap(({ run }) => run ?? [])).toEqual(['npm ci', 'npm run types', 'npm test']);
    const dockerfile = readFileSync(join(project, 'Dockerfile'), 'utf8');
    const [, entry] = /ENTRYPOINT \["node", .*"(.*)"\]/.exec(dockerfile) ?? [];
    expect(existsSync(join(project, entry as string))).toBe(true);
    for (const copied of ['package.json', 'package-lock.json']) {
      expect(dockerfile).toContain(copied);
      expect(existsSync(join(project, copied))).toBe(true);
    }
    await shell(project, 'npx', 'tsc', '--noEmit');
    expect(await shell(project, 'npm', 'test')).toMatch(
      new RegExp(`Test Files +2 passed[\\s\\S]*Tests +${tests} passed`),
    );
  });
});

describe('testing kit in a created project', { timeout: 600_000 }, () => {
  it.each(runners)(
    '$runner: the same tests pass, and the runner ends',
    async ({ runner, packages, files, command, passed }) => {
      const project = join(folder, 'npm-create-holdpoint-refund');
      if (packages.length > 0) await shell(project, 'npm', 'install', '--save-dev', ...packages);
      const own = join(project, runner.replace(':', '-'));
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(own, path)), { recursive: true });
        writeFileSync(join(own, path), text);
      }
      const output = await shell(own, ...(command as [string, ...string[]]));
      expect(output).toMatch(passed);
      const times = [...output.matchAll(/one test took (\d+) ms/g)].map(([, ms]) => Number(ms));
      expect(times).toHaveLength(7);
      console.log(`${runner}: one test took ${times.join(', ')} ms`);
    },
  );
});
