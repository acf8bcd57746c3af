import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { usageExitCode } from '@holdpoint/process';
import type { StartedProcess } from './started-process.ts';

const extension = extname(import.meta.url);

/** The path of one of Holdpoint's process files (`worker`, `gateway`, …): source in a checkout, else built. */
export function processFile(name: string): string {
  return fileURLToPath(new URL(`../${name}${extension}`, import.meta.url));
}

/** Node's flags for our files. In a checkout, packages resolve to their sources. */
export const nodeFlags: readonly string[] =
  extension === '.ts'
    ? ['--conditions=holdpoint-source', '--disable-warning=ExperimentalWarning']
    : ['--disable-warning=ExperimentalWarning'];

/** A process ended before it was ready. The message is the text that it wrote. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  /** That of the process: 2 when its configuration is wrong, else 1. */
  readonly exitCode: number;
  /** The user's files that were loaded. A change in one of them may help. */
  readonly files: readonly string[];

  constructor(message: string, exitCode: number, files: readonly string[]) {
    super(message);
    this.exitCode = exitCode;
    this.files = files;
  }
}

export type NodeProcessOptions = {
  /** A process file (`processFile`) that prints `{"ready":true,…}` on standard output. */
  file: string;
  args?: readonly string[];
  /** The whole environment of the process. */
  environment: Readonly<Record<string, string>>;
  /** Takes each line of its output, once it is ready. */
  onLine: (line: string) => void;
  /** Time between SIGTERM and SIGKILL of `stop`, in milliseconds. */
  stopWithinMs: number;
  /** Ends the process while it is not ready. */
  unless?: AbortSignal;
};

/**
 * Starts one of Holdpoint's process files and waits until it is ready. The process ends when this process is gone.
 * @throws StartFailed
 */
export async function startNodeProcess({
  file,
  args = [],
  environment,
  onLine,
  stopWithinMs,
  unless: abort,
}: NodeProcessOptions): Promise<StartedProcess> {
  // With the IPC channel it notices our end. In its own process group Ctrl-C does not reach it, so we choose the order.
  const child = spawn(process.execPath, [...nodeFlags, file, ...args], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: true,
  });
  await once(child, 'spawn');
  // Nothing has begun that a stop would have to finish.
  const end = () => child.kill('SIGKILL');
  if (abort?.aborted) end();
  abort?.addEventListener('abort', end);
  const early: string[] = [];
  let readiness: { ready: boolean; files?: string[] } | undefined;
  const exited = once(child, 'close').then(([code, signal]: Array<number | string | null>) =>
    signal === null ? `exit code ${String(code)}` : String(signal),
  );
  const ready = await new Promise<Record<string, unknown> | undefined>((resolve) => {
    const take = (line: string): void => (readiness?.ready ? onLine(line) : void early.push(line));
    createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', take);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (readiness !== undefined || !line.startsWith('{"ready":')) {
        take(line);
        return;
      }
      readiness = JSON.parse(line) as { ready: boolean; files?: string[] };
      if (readiness.ready) resolve(readiness);
    });
    void endsUnready(exited, resolve);
  });
  abort?.removeEventListener('abort', end);
  if (ready === undefined)
    throw new StartFailed(
      early.filter((line) => !line.startsWith('{')).join('\n') || `It ended at once (${await exited}).`,
      child.exitCode === usageExitCode ? usageExitCode : 1,
      readiness?.files ?? [],
    );
  early.forEach(onLine);
  return {
    pid: child.pid as number,
    ready,
    exited,
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

async function endsUnready(exited: Promise<string>, resolve: (nothing: undefined) => void): Promise<void> {
  await exited;
  resolve(undefined);
}
