import { UsageError } from './connection.ts';

/**
 * Asks a yes-or-no question on the terminal; Enter means no. Writes to standard error. @throws UsageError after Ctrl-C.
 */
export async function confirmOnTerminal(question: string): Promise<boolean> {
  const { default: confirm } = await import('@inquirer/confirm');
  try {
    return await confirm({ message: question, default: false }, { output: process.stderr });
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new UsageError('Nothing was decided.');
    throw error;
  }
}
