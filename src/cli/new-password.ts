import { text as readAll } from 'node:stream/consumers';
import { passwordSchema } from '@holdpoint/review-server/contract';
import { UsageError } from './connection.ts';

/**
 * A new password for `name`: asked for twice without showing it where there is a terminal, else the first line of
 * `input`. At a terminal, one that the review server would not take is refused before it is asked for once more.
 * By default asked on standard error, since what the command answers may be piped away.
 *
 * @throws UsageError when there is none, the two differ, or Ctrl-C was pressed.
 */
export async function readNewPassword(
  name: string,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string> {
  if (!input.isTTY) {
    const [line = ''] = (await readAll(input)).split(/\r?\n/);
    if (line === '') throw new UsageError('There is no password on standard input.');
    return line;
  }
  const { default: askHidden } = await import('@inquirer/password');
  try {
    const ask = (message: string, validate: (password: string) => true | string) =>
      askHidden({ message, mask: true, validate }, { input, output });
    const password = await ask(`New password for ${name}:`, problemOf);
    if ((await ask('Once more:', () => true)) !== password)
      throw new UsageError('The two passwords differ. Nothing was changed.');
    return password;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new UsageError('Nothing was changed.');
    throw error;
  }
}

/** What is wrong with a password, in a sentence. */
function problemOf(password: string): true | string {
  const problem = passwordSchema.safeParse(password).error?.issues[0]?.message;
  return problem === undefined || `It ${problem}. Go on typing, or delete it first.`;
}
