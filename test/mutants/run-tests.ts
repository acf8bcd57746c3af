import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedTest } from './mutant.ts';

/** A test that ran. */
export type RanTest = { file: string; fullName: string; failure: string | undefined };

/** Tests that ran, or why none could. */
export type TestRun = { tests: RanTest[]; problem: string | undefined };

/** The parts of vitest's JSON report that are read. */
type Report = {
  testResults: ReadonlyArray<{
    name: string;
    status: string;
    message?: string;
    assertionResults: ReadonlyArray<{ fullName: string; status: string; failureMessages?: readonly string[] | null }>;
  }>;
};

/** Test files of the inbox. They need it built from the sources as they are, which takes some seconds. */
const needsInbox = /\/test\/inbox\//;
const withoutInbox = 'test/mutants/without-inbox.config.ts';
const firstLineLength = 200;

/** Runs the named tests in a copy of the repository with vitest, at most `limitMs` long. */
export async function runTests(copy: string, named: readonly NamedTest[], limitMs: number): Promise<TestRun> {
  const output = join(copy, '.mutants-report.json');
  rmSync(output, { force: true });
  const files = [...new Set(named.map(({ file }) => file))];
  const configured = existsSync(join(copy, withoutInbox)) && !files.some((file) => needsInbox.test(file));
  const { text, ended } = await runVitest(copy, limitMs, [
    'run',
    ...files,
    ...(configured ? ['--config', withoutInbox] : []),
    '--testNamePattern',
    [...new Set(named.map(patternOf))].join('|'),
    '--reporter=json',
    `--outputFile=${output}`,
    '--retry=0',
  ]);
  if (!ended) return { tests: [], problem: `no end within ${limitMs / 1000} s` };
  if (!existsSync(output)) return { tests: [], problem: firstLine(text) || 'vitest wrote no report' };
  return read(JSON.parse(readFileSync(output, 'utf8')) as Report, copy);
}

/** True if the test is one of those that are named. */
export function isNamed({ file, fullName }: Pick<RanTest, 'file' | 'fullName'>, named: NamedTest): boolean {
  return file === named.file && fullName.startsWith(named.suite ?? '') && fullName.includes(named.name);
}

function read({ testResults }: Report, copy: string): TestRun {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ fullName, status, failureMessages }) => ({
        file: name.slice(copy.length + 1),
        fullName,
        failure: status === 'failed' ? firstLine(failureMessages?.[0] ?? 'no message') : undefined,
      })),
  );
  const broken = testResults.find(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return { tests, problem: broken && `${broken.name.slice(copy.length + 1)}: ${firstLine(broken.message ?? '')}` };
}

async function runVitest(
  copy: string,
  limitMs: number,
  args: readonly string[],
): Promise<{ text: string; ended: boolean }> {
  // A group of its own, so that the servers that tests start end with it.
  const child = spawn(process.execPath, [join(copy, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: copy,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      CI: undefined,
      VITEST: undefined,
      FORCE_COLOR: '0',
      // Libraries are compiled once for all runs.
      NODE_COMPILE_CACHE: join(copy, 'node_modules/.compile-cache'),
    },
  });
  const end = () => {
    try {
      process.kill(-(child.pid as number), 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  // Before the listener that removes the copy.
  process.prependOnceListener('exit', end);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  let ended = true;
  const limit = setTimeout(() => {
    ended = false;
    end();
  }, limitMs);
  await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(limit);
  end();
  process.removeListener('exit', end);
  return { text: Buffer.concat(parts).toString(), ended };
}

function firstLine(text: string): string {
  const line = text.split('\n').find((each) => each.trim() !== '') ?? '';
  return line.trim().slice(0, firstLineLength);
}

function patternOf({ suite, name }: NamedTest): string {
  return suite === undefined ? escaped(name) : `^${escaped(suite)}.*${escaped(name)}`;
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
