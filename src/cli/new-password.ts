import { text as readAll } from 'node:stream/consumers';
import { passwordSchema } from '@holdpoint/review-server/contract';
import { UsageError } from './connection.ts';

/**
 * Reads a new password for `name`. At a terminal it prompts twice, hides the text, and refuses passwords that the
 * review server would refuse. Otherwise it reads the first line of `input`. Prompts go to standard error by default,
 * since standard output may be piped.
 *
 * @throws UsageError for an empty input, for two different passwords, and after Ctrl-C.
 */
export async function readNewPassword(
  name: string,
  input: NodeJS.ReadableStream & { isTTY?: boolean } = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Promise<string> {
  if (!input.isTTY) {
    const [line = ''] = (await readAll(input)).split(/\r?\n/);
    if (line === '') throw new UsageError('Standard input has no password.');
    return line;
  }
  const { default: askHidden } = await import('@inquirer/password');
  try {
    const ask = (message: string, validate: (password: string) => true | string) =>
      askHidden({ message, mask: true, validate }, { input, output });
    const password = await ask(`New password for ${name}:`, problemOf);
    if ((await ask('Repeat it:', () => true)) !== password)
      throw new UsageError('The two passwords differ. Nothing was changed.');
    return password;
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw new UsageError('Nothing was changed.');
    throw error;
  }
}

/** True, or a sentence about the problem. */
function problemOf(password: string): true | string {
  const problem = passwordSchema.safeParse(password).error?.issues[0]?.message;
  return problem === undefined || `It ${problem}.`;
}
