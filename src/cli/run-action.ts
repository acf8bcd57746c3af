import type { Command } from 'commander';
import { HoldpointError, type Client } from '../client.ts';
import { ConfigError } from '../config/config-error.ts';
import { InexactJson, type Json, parseJson } from '@holdpoint/json';
import { exitCodeOf } from '@holdpoint/process';
import {
  CommandFailed,
  connect,
  gatewayAddressFrom,
  hasGatewayKey,
  UsageError,
  type ConnectionFlags,
  type RunSettings,
} from './connection.ts';
import { Interrupted, type RunIo } from './run-io.ts';

/** The tools of a run command. */
export type Tools = {
  /** @throws UsageError without an API key of the gateway. */
  readonly client: Client;
  /** True if there is an API key of the gateway. */
  hasGateway: boolean;
  settings: RunSettings;
  io: RunIo;
  json: boolean;
  print: (document: unknown, text: () => string) => void;
};

/** Exit code after Ctrl-C. */
const interruptedExitCode = 130;

/** The options that every run command takes. */
export function connectionOptions(command: Command): Command {
  return command
    .option(
      '--gateway-url <url>',
      'address of the gateway (default: HOLDPOINT_GATEWAY_URL, else the running "holdpoint dev")',
    )
    .option(
      '--api-key <key>',
      'API key of the gateway (default: HOLDPOINT_API_KEY; other users of this machine can see command lines)',
    )
    .option('--json', 'print JSON on standard output');
}

/**
 * Connects and runs a command. Expected failures become a line on standard error and an exit code: 2 for a wrong
 * command line, else 1.
 */
export async function runAction(command: Command, io: RunIo, act: (tools: Tools) => Promise<void>): Promise<void> {
  const { json = false, ...flags } = command.opts<ConnectionFlags & { json?: boolean }>();
  try {
    const settings = io.settings();
    const print = (document: unknown, text: () => string) =>
      void io.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text()}\n`);
    let client: Client | undefined;
    await act({
      // Connected at its first use: some commands need no gateway.
      get client() {
        return (client ??= connect(flags, settings));
      },
      hasGateway: hasGatewayKey(flags, settings),
      settings,
      io,
      json,
      print,
    });
  } catch (error) {
    if (error instanceof Interrupted) io.setExitCode(interruptedExitCode);
    else if (
      error instanceof HoldpointError ||
      error instanceof CommandFailed ||
      error instanceof UsageError ||
      error instanceof ConfigError
    ) {
      const isAway = error instanceof HoldpointError && error.code === 'unreachable';
      io.stderr.write(`holdpoint: ${error.message}${isAway ? ` ${gatewayAddressFrom(flags, io.settings())}.` : ''}\n`);
      io.setExitCode(exitCodeOf(error));
    } else throw error;
  }
}

/** Reads JSON from a flag. @throws UsageError naming the flag. */
export function parseJsonFlag(flag: string, text: string): Json {
  try {
    return parseJson(text);
  } catch (cause) {
    if (cause instanceof InexactJson)
      throw new UsageError(`${[flag, cause.path].filter(Boolean).join(': ')}: ${cause.message}.`, { cause });
    throw new UsageError(`${flag} is not valid JSON: ${(cause as Error).message}`, { cause });
  }
}
