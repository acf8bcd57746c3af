import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { guard } from '../src/embedded/guardian.ts';

/** One line of the mail service's log: `request` is a call that reached it, `effect` is mail that went out. */
export type MailEntry = {
  at: string;
  type: 'request' | 'effect';
  path: string;
  idempotencyKey: string | null;
  body: unknown;
};

/** The mail service of the example, in its own process: a system of another company. */
export type MailService = {
  url: string;
  log(): Promise<MailEntry[]>;
  /** Mail is sent from now on, and answers are delayed until `release`. */
  hold(): Promise<void>;
  release(): Promise<void>;
  stop(): Promise<void>;
};

const program = fileURLToPath(new URL('../examples/email-blast/mail-service.ts', import.meta.url));

/**
 * Starts the mail service on a free port; it writes its log into `folder`. It ends with this process, even after SIGKILL.
 * @throws Error when it does not start.
 */
export async function startMailService(
  folder: string,
  environment: Readonly<Record<string, string>>,
): Promise<MailService> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, '--log', join(folder, 'mail-service.jsonl')],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  await once(child, 'spawn');
  const guardian = guard(child.pid as number);
  child.stderr.pipe(createWriteStream(join(folder, 'mail-service.log')));
  const exited = once(child, 'close').finally(() => guardian.dismiss());
  const ready = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => line as string),
    exited.then(() => undefined),
  ]);
  if (ready === undefined) throw new Error(`The mail service did not start; it wrote to ${folder}/mail-service.log.`);
  const { url } = JSON.parse(ready) as { url: string };
  const post = async (path: string) => void (await fetch(`${url}${path}`, { method: 'POST' }));
  return {
    url,
    log: async () => (await (await fetch(`${url}/log`)).json()) as MailEntry[],
    hold: () => post('/hold'),
    release: () => post('/release'),
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
