import type { Environment } from '../config/environment.ts';
import { commandSchema } from '../config/process-schemas.ts';
import { readConfig } from '../config/read-config.ts';
import { defaultDataDir, readRunningStack } from '../embedded/running-stack.ts';
import type { RunSettings } from './connection.ts';
import { readNewPassword } from './new-password.ts';

/** Where the run commands write, and what they know. Tests pass their own. */
export type RunIo = {
  /** The answer: one document with `--json`, one line per event where a command streams. */
  stdout: { write(text: string): unknown };
  /** Everything else. A spinner turns there if it is a terminal. */
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** What the environment says and the dev stack that runs here. @throws ConfigError. */
  settings(): RunSettings;
  setExitCode(code: number): void;
  /** Asks for a new password, or reads it from standard input. @throws UsageError. */
  newPassword(name: string): Promise<string>;
  /** Aborts on Ctrl-C; what is watched goes on without us. */
  interrupted(): AbortSignal;
};

/** The run commands' world in a real process: its streams, its environment, the dev stack of `folder`. */
export function createRunIo(environment: Environment, folder: string): RunIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    settings() {
      const config = readConfig(environment, commandSchema);
      return {
        gatewayUrl: config.gatewayUrl,
        reviewUrl: config.cheqpointUrl,
        apiKey: config.apiKey?.reveal(),
        reviewerToken: config.reviewerToken?.reveal(),
        reviewerName: config.reviewerName,
        reviewerPassword: config.reviewerPassword?.reveal(),
        running: readRunningStack(config.dataDir ?? defaultDataDir(folder)),
      };
    },
    newPassword: readNewPassword,
    setExitCode: (code) => void (process.exitCode = code),
    interrupted() {
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort(new Interrupted()));
      return stop.signal;
    },
  };
}

/** Somebody pressed Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
