/** What a process of ours does between its start and its end. */
export type Running = {
  /** Printed as one JSON line on standard output once everything is up. */
  ready: Readonly<Record<string, unknown>>;
  /** Settles when the process ends by itself, which is a failure. Default: never. */
  failed?: Promise<unknown>;
  /** Finishes what is under way. */
  stop(): Promise<void>;
};

/** The exit code when the command line or the configuration is wrong and a person has to change something. Else: 1. */
export const usageExitCode = 2;

/**
 * An error that says how its process ends. `exitCode`: default 1. `unready`: further fields of the line
 * `{"ready":false}` on standard output. `complete`: the message says all, so its cause is not repeated.
 */
export type ExitError = Error & {
  readonly exitCode?: number;
  readonly unready?: Readonly<Record<string, unknown>>;
  readonly complete?: boolean;
};

/** npm and our launcher pass a Ctrl-C on that the terminal has sent to all of us: within this time, in milliseconds, it is one. */
const sameSignalMs = 500;

/**
 * Calls `ask` at the first SIGINT, SIGTERM or SIGHUP, or when a parent that started this process over a channel is
 * gone; calls `insist` at a later one.
 */
export function onStopAsked(ask: () => void, insist: () => void): void {
  let first: number | undefined;
  const asked = () => {
    if (first === undefined) {
      first = Date.now();
      ask();
    } else if (Date.now() - first > sameSignalMs) insist();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, asked);
  onParentGone(asked);
}

/** A closed pipe; a closed socket, as a child of Node has; a terminal that is gone. */
const nobodyReads: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'EIO']);

let outputClosed: (() => void) | undefined;

/** Lets the process go on when nobody reads its output any more, and calls `closed` at standard output: of several calls the last counts. */
export function onOutputClosed(closed: () => void): void {
  const isFirst = outputClosed === undefined;
  outputClosed = closed;
  if (!isFirst) return;
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (!nobodyReads.has(error.code)) throw error;
      if (output === process.stdout) outputClosed?.();
    });
  }
}

/** Only for a process that was started over a channel. `connected` is false, not undefined, when the parent went before we looked. */
function onParentGone(gone: () => void): void {
  if (process.connected) process.once('disconnect', gone);
  else if ((process.connected as boolean | undefined) === false) setImmediate(gone);
}

/** How long a stop may take before the process is ended, in milliseconds. */
const longestStopMs = 60_000;

/**
 * Runs a process until SIGTERM or SIGINT, then lets it finish; a second signal ends it at once. When it was started
 * over a channel (by `holdpoint dev`), the end of its parent counts as a signal too, so that none is left behind.
 */
export async function runProcess(name: string, start: () => Promise<Running>): Promise<void> {
  onOutputClosed(() => undefined);
  let starting = true;
  const stopAsked = new Promise<void>((resolve) => {
    const leave = () => process.exit(130);
    // Nothing is under way yet, and a start can hang on a server that is gone.
    onStopAsked(() => (starting ? leave() : resolve()), leave);
  });
  try {
    const running = await start();
    starting = false;
    process.stdout.write(`${JSON.stringify({ ready: true, ...running.ready })}\n`);
    const failure = running.failed?.then((cause) => {
      throw new Error(`${name} ended by itself.`, { cause });
    });
    await Promise.race([stopAsked, ...(failure === undefined ? [] : [failure])]);
    setTimeout(() => process.exit(1), longestStopMs).unref();
    await running.stop();
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${name}: ${errorText(error)}\n`);
    const { unready } = error instanceof Error ? (error as ExitError) : {};
    if (unready !== undefined) process.stdout.write(`${JSON.stringify({ ready: false, ...unready })}\n`);
    process.exit(exitCodeOf(error));
  }
}

/** The exit code for an error: its own `exitCode`, else 1. */
export function exitCodeOf(error: unknown): number {
  return error instanceof Error ? ((error as ExitError).exitCode ?? 1) : 1;
}

/** An error as a person reads it: the message alone where it was written for people, else with its cause. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause =
    error.cause instanceof Error &&
    !error.message.includes(error.cause.message) &&
    (error as ExitError).complete !== true
      ? ` (${error.cause.message})`
      : '';
  return `${error.message}${cause}`;
}
