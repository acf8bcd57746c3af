import { text as readAll } from 'node:stream/consumers';
import { UsageError } from './connection.ts';

/**
 * A new password for `name`: asked for twice without showing it where there is a terminal, else the first line of
 * standard input.
 *
 * @throws UsageError when there is none, the two differ, or Ctrl-C was pressed.
 */
export async function readNewPassword(name: string): Promise<string> {
  if (!process.stdin.isTTY) {
    const [line = ''] = (await readAll(process.stdin)).split(/\r?\n/);
    if (line === '') throw new UsageError('There is no password on standard input.');
    return line;
  }
  const { default: askHidden } = await import('@inquirer/password');
  try {
    // On standard error: what the command answers may be piped away.
    const ask = (message: string) => askHidden({ message, mask: true }, { output: process.stderr });
    const password = await ask(`New password for ${name}:`);
    if ((await ask('Once more:')) !== password) throw new UsageError('The two passwords differ. Nothing was changed.');
    return password;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new UsageError('Nothing was changed.');
    throw error;
  }
}
