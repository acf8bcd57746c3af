import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { spinner } from '../../src/cli/spinner.ts';

it('progress: terminal without a width → one line', async () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  const progress = spinner(terminal, 'Starting …');
  progress.start();
  progress.stop();
  terminal.end();
  expect(await text(terminal)).toBe('- Starting …\n');
});
