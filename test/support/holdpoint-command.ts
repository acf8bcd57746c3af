import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';

const launcher = fileURLToPath(new URL('../../bin/holdpoint.mjs', import.meta.url));

export type Command = {
  process: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
};

export type CommandOptions = {
  cwd?: string;
  environment?: Record<string, string>;
  node?: string;
  /** Node's arguments before those of the command. @default the launcher */
  program?: readonly string[];
};

/** Starts the real `holdpoint` command by its launcher. Of this process's environment it gets nothing that Holdpoint reads. */
export function startHoldpoint(
  args: readonly string[],
  { cwd, environment = {}, node = process.execPath, program = [launcher] }: CommandOptions = {},
): Command {
  const child = spawn(node, [...program, ...args], {
    cwd,
    env: { ...environmentWithoutOurs(processEnvironment()), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Runs it to its end. */
export async function holdpoint(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
  const { ended, stdout, stderr } = startHoldpoint(args, options);
  const code = await ended;
  return { code, stdout: stdout(), stderr: stderr() };
}
