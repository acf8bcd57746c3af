/** A started process. */
export type Running = {
  /** Printed on standard output as one JSON line, with `ready: true`. */
  ready: Readonly<Record<string, unknown>>;
  /** Settles if the work ends without a stop, which counts as a failure. @default never */
  failed?: Promise<unknown>;
  /** Finishes open work. */
  stop(): Promise<void>;
};

/** The exit code for a wrong command line or configuration. Other failures: 1. */
export const usageExitCode = 2;

/**
 * An error that chooses how its process ends. `exitCode`: default 1. `unready`: further fields of the line
 * `{"ready":false}` on standard output. `complete`: the message needs no cause after it.
 */
export type ExitError = Error & {
  readonly exitCode?: number;
  readonly unready?: Readonly<Record<string, unknown>>;
  readonly complete?: boolean;
};

/**
 * Signals within this time, in milliseconds, count as one: the terminal sends Ctrl-C to all of us, and npm and our
 * launcher forward it.
 */
const sameSignalMs = 500;

/**
 * Calls `ask` at the first SIGINT, SIGTERM or SIGHUP, or when a parent with an IPC channel is gone. Calls `insist` at
 * every later signal.
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

/** Errors of an output without a reader: a closed pipe, a closed socket (of a child of Node), a lost terminal. */
const noReader: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET', 'EIO']);

/** Errors of an output to a file on a full disk. */
const noRoom: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT']);

let outputClosed: (() => void) | undefined;
let goesOnWithoutRoom = false;

/**
 * Keeps the process running when its output loses its reader. Calls `closed` when that is standard output. A full disk
 * behind standard error is ignored, and with `survivesFullDisk` behind standard output too. A later call replaces an
 * earlier one.
 */
export function onOutputClosed(closed: () => void, { survivesFullDisk = false } = {}): void {
  goesOnWithoutRoom = survivesFullDisk;
  const isFirst = outputClosed === undefined;
  outputClosed = closed;
  if (!isFirst) return;
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      // Without room the process goes on. Only the result of a command, on standard output, must not get lost.
      if (noRoom.has(error.code) && (output === process.stderr || goesOnWithoutRoom)) return;
      if (!noReader.has(error.code)) throw error;
      if (output === process.stdout) outputClosed?.();
    });
  }
}

/** Only with an IPC channel. `connected` is false, not undefined, when the parent ended before this call. */
function onParentGone(gone: () => void): void {
  if (process.connected) process.once('disconnect', gone);
  else if ((process.connected as boolean | undefined) === false) setImmediate(gone);
}

/** The longest time for a stop, in milliseconds. Then the process exits. */
const longestStopMs = 60_000;

/**
 * Runs a process until SIGTERM, SIGINT or SIGHUP, then stops it. A second signal ends it at once. With an IPC channel
 * (`holdpoint dev`) the end of the parent counts as a signal, so no process is left behind.
 */
export async function runProcess(name: string, start: () => Promise<Running>): Promise<void> {
  onOutputClosed(() => undefined, { survivesFullDisk: true });
  let starting = true;
  const stopAsked = new Promise<void>((resolve) => {
    const leave = () => process.exit(130);
    // A start has no open work, and may hang on a server that does not answer.
    onStopAsked(() => (starting ? leave() : resolve()), leave);
  });
  try {
    const running = await start();
    starting = false;
    process.stdout.write(`${JSON.stringify({ ready: true, ...running.ready })}\n`);
    const failure = running.failed?.then((cause) => {
      throw new Error(`${name} ended unexpectedly.`, { cause });
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

/** An error as text for people: its message, with the message of its cause unless the error is `complete`. */
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
