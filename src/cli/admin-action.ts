import type { Command } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { usageExitCode } from '@holdpoint/process';
import { CommandFailed, reviewerAccess, UsageError } from './connection.ts';
import { openReviewerSession, type ReviewerSession } from './reviewer-session.ts';
import type { RunIo } from './run-io.ts';

/** What a command about the review server gets to work with. `print` writes the document with `--json`, else the text. */
export type AdminTools = {
  session: () => Promise<ReviewerSession>;
  io: RunIo;
  print: (document: unknown, text: () => string) => void;
};

/** The options of every command about the review server. */
export function adminOptions(command: Command): Command {
  return command
    .option(
      '--review-url <url>',
      'the review server; default: CHEQPOINT_BASE_URL, else the stack of "holdpoint dev" that runs here',
    )
    .option('--json', 'machine-readable on standard output, everything else on standard error');
}

/** Runs a command about the review server; every expected failure becomes a line on standard error and exit code 1, or 2 where the command itself was wrong. */
export async function adminAction(
  command: Command,
  io: RunIo,
  act: (tools: AdminTools) => Promise<void>,
): Promise<void> {
  const { json = false, reviewUrl } = command.opts<{ json?: boolean; reviewUrl?: string }>();
  try {
    const print = (document: unknown, text: () => string) =>
      void io.stdout.write(json ? `${JSON.stringify(document)}\n` : `${text()}\n`);
    await act({ session: () => signIn(io, reviewUrl), io, print });
  } catch (error) {
    if (!(error instanceof CommandFailed || error instanceof UsageError || error instanceof ConfigError)) throw error;
    io.stderr.write(`holdpoint: ${error.message}\n`);
    io.setExitCode(error instanceof CommandFailed ? 1 : usageExitCode);
  }
}

async function signIn(io: RunIo, reviewUrl: string | undefined): Promise<ReviewerSession> {
  const settings = io.settings();
  const access = reviewerAccess({ ...settings, ...(reviewUrl !== undefined && { reviewUrl }) });
  if (access === undefined)
    throw new UsageError(
      'No review server is known. Start a stack with: npx holdpoint dev. Or set CHEQPOINT_BASE_URL, or pass --review-url.',
    );
  const session = await openReviewerSession(access);
  if (session === undefined)
    throw new CommandFailed(
      `No review server of Holdpoint answers at ${access.url}. At hosted Cheqpoint, keys and the audit are on its own pages.`,
    );
  return session;
}
