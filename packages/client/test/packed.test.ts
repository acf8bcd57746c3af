import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const program = (path: string) => fileURLToPath(new URL(`../../../node_modules/${path}`, import.meta.url));

/** A CommonJS project: no `"type"` in its package.json, `module: node16`. */
const files = {
  'package.json': JSON.stringify({ name: 'api-service', private: true }),
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'node16',
      target: 'es2022',
      lib: ['es2022', 'dom'],
      types: [],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
    },
    include: ['start.ts'],
  }),
  'start.ts': `import { createClient, HoldpointError, type Run } from '@holdpoint/client';

const holdpoint = createClient({ url: 'http://127.0.0.1:7341', apiKey: 'key' });
export const state = async (id: string): Promise<Run['state'] | undefined> => {
  try {
    return (await holdpoint.runs.get(id)).state;
  } catch (error) {
    if (error instanceof HoldpointError && error.code === 'run-not-found') return undefined;
    throw error;
  }
};
`,
};

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'holdpoint-client-')));
let tarball: string;

beforeAll(async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
  tarball = join(folder, packed.filename);
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('packed client, installed into a CommonJS project', () => {
  it('dependencies: eventsource-parser and no other', () => {
    const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    expect(Object.keys(packages)).toEqual(['', 'node_modules/@holdpoint/client', 'node_modules/eventsource-parser']);
  });

  it.each([
    ['require', 'commonjs', "const { createClient } = require('@holdpoint/client');"],
    ['import', 'module', "import { createClient } from '@holdpoint/client';"],
  ])('%s: a request reaches fetch', async (_way, type, statement) => {
    const program = `${statement}
      const fetch = async (url) => new Response(JSON.stringify({ id: url }));
      createClient({ url: 'http://gateway', apiKey: 'key', fetch }).runs.get('a').then(({ id }) => console.log(id));`;
    const { stdout } = await run(process.execPath, [`--input-type=${type}`, '--eval', program], { cwd: folder });
    expect(stdout).toBe('http://gateway/v1/runs/a\n');
  });

  it('types: a strict project with module node16 compiles', async () => {
    const said = await run(process.execPath, [program('typescript/bin/tsc'), '--project', '.'], { cwd: folder }).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(said.stdout).toBe('');
  });

  it('publint and arethetypeswrong: no problem in any mode of resolution', async () => {
    const said = await Promise.all([
      run(process.execPath, [program('publint/src/cli.js'), 'run', tarball, '--strict']),
      run(process.execPath, [program('@arethetypeswrong/cli/dist/index.js'), tarball, '--format', 'ascii']),
    ]).catch((error: unknown) => (error as { stdout: string }).stdout);
    expect(said).toEqual([expect.anything(), expect.anything()]);
  });
});
