import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Target } from './target.ts';

/** `crash`: an error that is no refusal, a broken property, or a hang. `unhandled`: a rejection or exception that no code catches. */
export type FuzzFailure = { kind: 'crash' | 'unhandled' | 'http500'; input: string; problem: string };
export type FuzzOrder = { target: string; inputs: number; seed: number; inputFile: string };
export type FuzzReport = {
  target: string;
  inputs: number;
  seconds: number;
  failures: FuzzFailure[];
  parts?: Record<string, number> | undefined;
};

export type FuzzOptions = {
  targets: readonly Target[];
  /** Inputs of all targets together. */
  inputs: number;
  seed: number;
  /** @default 2 */
  processes?: number;
  /** Called at each sign of life. */
  /** Called when a target is through. */
  onDone?: (report: FuzzReport) => void;
  onProgress?: (progress: { target: string; inputs: number; total: number }) => void;
};

/** A process that gives no sign of life for so long hangs. */
const longestSilenceMs = 45_000;
/** Opening a target starts a process and servers, which takes seconds, and minutes on a machine that is busy with others. */
const longestOpeningMs = 240_000;

/** A new process says that it is ready before it gets its first order. */
type Message = { ready: true } | { inputs: number } | { done: FuzzReport };

/** Runs the targets in child processes, so that a crash and an endless loop are counted too. */
export async function runFuzz({
  targets,
  inputs,
  seed,
  processes = 2,
  onProgress,
  onDone,
}: FuzzOptions): Promise<FuzzReport[]> {
  const folder = mkdtempSync(join(tmpdir(), 'holdpoint-fuzz-'));
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  // The long ones first, so that no process is alone at the end.
  const orders = targets.map(({ name, share }, index): FuzzOrder => ({
    target: name,
    inputs: Math.max(1, Math.ceil((inputs * share) / shares)),
    seed,
    inputFile: join(folder, `${index}.txt`),
  }));
  const reports: FuzzReport[] = [];
  const counts = new Map<string, number>();
  const report = (target: string, count: number) => {
    counts.set(target, count);
    onProgress?.({ target, inputs: count, total: [...counts.values()].reduce((sum, each) => sum + each, 0) });
  };
  const work = async () => {
    let child: ChildProcess | undefined;
    for (let order = orders.shift(); order !== undefined; order = orders.shift()) {
      const isNew = child === undefined;
      child ??= startChild();
      const done = await runTarget(child, { order, isNew, report });
      if (done.died) child = undefined;
      report(done.report.target, done.report.inputs);
      reports.push(done.report);
      onDone?.(done.report);
    }
    child?.disconnect();
  };
  await Promise.all(Array.from({ length: processes }, work));
  rmSync(folder, { recursive: true });
  const place = (name: string) => targets.findIndex((each) => each.name === name);
  return reports.toSorted((one, other) => place(one.target) - place(other.target));
}

function startChild(): ChildProcess {
  return fork(fileURLToPath(new URL('fuzz-process.ts', import.meta.url)), {
    execArgv: ['--conditions=holdpoint-source', '--disable-warning=ExperimentalWarning', '--no-deprecation'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, TZ: 'UTC' },
  });
}

function runTarget(
  child: ChildProcess,
  { order, isNew, report }: { order: FuzzOrder; isNew: boolean; report: (target: string, inputs: number) => void },
): Promise<{ report: FuzzReport; died: boolean }> {
  return new Promise((resolve) => {
    let inputs = 0;
    let timer: NodeJS.Timeout | undefined;
    const stop = (problem: string) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.kill('SIGKILL');
      const failure: FuzzFailure = { kind: 'crash', input: lastInput(order.inputFile), problem };
      resolve({ died: true, report: { target: order.target, inputs, seconds: 0, failures: [failure] } });
    };
    const rearm = (longestMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => stop(`It took longer than ${longestMs} ms, and the process was ended.`), longestMs);
    };
    rearm(longestOpeningMs);
    child.once('exit', (code, signal) => stop(`The process ended with ${signal ?? `exit code ${code}`}.`));
    child.on('message', (message: Message) => {
      rearm('ready' in message ? longestOpeningMs : longestSilenceMs);
      if ('inputs' in message) report(order.target, (inputs = message.inputs));
      if (!('done' in message)) return;
      clearTimeout(timer);
      child.removeAllListeners();
      resolve({ died: false, report: message.done });
    });
    if (isNew) child.once('message', () => child.send(order));
    else child.send(order);
  });
}

function lastInput(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return 'none';
  }
}
