import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const source = (path: string) => JSON.stringify(fileURLToPath(new URL(`../../src/${path}`, import.meta.url)));

it(
  'createTestStack: closed stack → the process ends, as node:test and jest need it',
  { timeout: 300_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-end-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const program = join(folder, 'program.mjs');
    writeFileSync(
      program,
      `import { defineAssistant, defineConfig } from ${source('index.ts')};
import { createTestStack } from ${source('testing.ts')};
const stack = await createTestStack({ config: defineConfig({ assistants: [defineAssistant({ name: 'a', model: 'm', tools: [] })] }) });
stack.model.answers('Hello.');
console.log(await (await stack.start('Hi')).result());
await stack.close();
`,
    );
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=holdpoint-source', '--disable-warning=ExperimentalWarning', program],
      { timeout: 280_000 },
    );
    expect(stdout).toBe('Hello.\n');
  },
);
