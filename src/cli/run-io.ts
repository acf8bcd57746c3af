import type { Environment } from '../config/environment.ts';
import { commandSchema } from '../config/process-schemas.ts';
import { readConfig } from '../config/read-config.ts';
import { defaultDataDir, readRunningStack } from '../embedded/running-stack.ts';
import type { RunSettings } from './connection.ts';
import { confirmOnTerminal } from './confirm.ts';
import { readNewPassword } from './new-password.ts';

/** Output, settings and input of the run commands. Tests pass their own. */
export type RunIo = {
  /** Results: with `--json` one document, or one line for each event of a command that streams. */
  stdout: { write(text: string): unknown };
  /** Messages and progress, with a spinner on a terminal. */
  stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Settings from the environment, and the dev stack that runs here. @throws ConfigError. */
  settings(): RunSettings;
  setExitCode(code: number): void;
  /** Asks for a new password, or reads it from standard input. @throws UsageError. */
  newPassword(name: string): Promise<string>;
  /** Asks a yes-or-no question on the terminal. Undefined without a terminal. */
  confirm: ((question: string) => Promise<boolean>) | undefined;
  /** Aborts on Ctrl-C. The watched run continues. */
  interrupted(): AbortSignal;
};

/** The streams and settings of this process, and the dev stack of `folder`. */
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
    confirm: process.stdin.isTTY && process.stderr.isTTY ? confirmOnTerminal : undefined,
    setExitCode: (code) => void (process.exitCode = code),
    interrupted() {
      const stop = new AbortController();
      process.once('SIGINT', () => stop.abort(new Interrupted()));
      return stop.signal;
    },
  };
}

/** The user pressed Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
