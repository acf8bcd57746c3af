import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Story } from './story.ts';

/**
 * Opens the stack of a demo. Its lines go to `logs/stack.log`, and to the story while it starts, since downloads take time.
 * Later the story prints the events.
 */
export async function startWithProgress<Stage>(
  story: Story,
  folder: string,
  open: (log: (line: string) => void) => Promise<Stage>,
): Promise<Stage> {
  story.waiting('Temporal, review server, stand-in for the model, gateway and worker are starting');
  mkdirSync(join(folder, 'logs'), { recursive: true, mode: 0o700 });
  let up = false;
  const stage = await open((line) => {
    appendFileSync(join(folder, 'logs', 'stack.log'), `${line}\n`);
    if (!up) story.waiting(line.trim());
  });
  up = true;
  return stage;
}
