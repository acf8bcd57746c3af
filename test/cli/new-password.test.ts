import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { readNewPassword } from '../../src/cli/new-password.ts';

const PASSWORD = 'twelve and more';

/** A user at a terminal, who types each line when the last output contains these words. */
async function typing(...lines: Array<[asked: string, typed: string]>) {
  const [input, output] = [Object.assign(new PassThrough(), { isTTY: true }), new PassThrough()];
  // A prompt ends the stream that it wrote to. A real terminal continues.
  output.end = () => output;
  let said = '';
  let from = 0;
  output.on('data', (part: Buffer) => void (said += stripVTControlCharacters(part.toString())));
  const password = readNewPassword('lea', input, output);
  password.catch(() => undefined);
  for (const [asked, typed] of lines) {
    await expect.poll(() => said.slice(from), { timeout: 10_000 }).toContain(asked);
    from = said.length;
    for (const key of `${typed}\r`) input.write(key);
  }
  return { password, said: () => said };
}

it('new password: asked for twice → not shown', async () => {
  const { password, said } = await typing(['New password for lea:', PASSWORD], ['Repeat it:', PASSWORD]);
  expect(await password).toBe(PASSWORD);
  expect(said()).not.toContain('twelve');
});

it('new password: too short → refused at once, then a longer one accepted', async () => {
  const { password } = await typing(
    ['New password for lea:', PASSWORD.slice(0, 8)],
    ['It must have at least 12 characters.', PASSWORD.slice(8)],
    ['Repeat it:', PASSWORD],
  );
  expect(await password).toBe(PASSWORD);
});

it('new password: two differ → nothing changes', async () => {
  const { password } = await typing(['New password for lea:', PASSWORD], ['Repeat it:', 'another of twelve']);
  await expect(password).rejects.toThrow('The two passwords differ. Nothing was changed.');
});

it('new password: Ctrl-C → nothing changes', async () => {
  const { password } = await typing(['New password for lea:', '\u0003']);
  await expect(password).rejects.toThrow('Nothing was changed.');
});
