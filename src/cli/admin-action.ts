import type { Command } from 'commander';
import { ConfigError } from '../config/config-error.ts';
import { usageExitCode } from '@holdpoint/process';
import { CommandFailed, reviewerAccess, UsageError } from './connection.ts';
import { openReviewerSession, type ReviewerSession } from './reviewer-session.ts';
import type { RunIo } from './run-io.ts';

/** Tools of a review-server command. `print` writes the document with `--json`, else the text. */
export type AdminTools = {
  session: () => Promise<ReviewerSession>;
  io: RunIo;
  print: (document: unknown, text: () => string) => void;
};

/** Adds the options of every review-server command. */
export function adminOptions(command: Command): Command {
  return command
    .option(
      '--review-url <url>',
      'address of the review server; default: CHEQPOINT_BASE_URL, else the running "holdpoint dev"',
    )
    .option('--json', 'print JSON on standard output and everything else on standard error');
}

/**
 * Runs a review-server command. Expected failures become one line on standard error and exit code 1; usage errors, exit
 * code 2.
 */
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

/** Signs in at the review server. @throws UsageError, CommandFailed. */
export async function signIn(io: RunIo, reviewUrl: string | undefined): Promise<ReviewerSession> {
  const settings = io.settings();
  const access = reviewerAccess({ ...settings, ...(reviewUrl !== undefined && { reviewUrl }) });
  if (access === undefined)
    throw new UsageError(
      'No review server is configured. Start one with: npx holdpoint dev. Or set CHEQPOINT_BASE_URL, or pass --review-url.',
    );
  const session = await openReviewerSession(access);
  if (session === undefined)
    throw new CommandFailed(
      `No Holdpoint review server answers at ${access.url}. Hosted Cheqpoint has keys and the audit on its own pages.`,
    );
  return session;
}
