import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Answer, Order, PeerPlan } from '../peers/peer-process.ts';

export type PeerProcess = {
  /** Sends one order and waits for its answer. @throws Error when the peer fails or dies. */
  obey(order: Order): Promise<Answer>;
  /** Calls `onAct` for each start of a tool, and `onTaken` for each decision that the engine confirmed. */
  events: { onAct: (item: string) => void; onTaken: (item: string) => void };
  kill(): Promise<void>;
};

type Word =
  | ({ type: 'answer' } & Answer)
  | { type: 'up' }
  | { type: 'failed'; problem: string }
  | { type: 'act' | 'taken'; item: string };

const file = fileURLToPath(new URL('../peers/peer-process.ts', import.meta.url));

/** Starts a peer as a process and waits until it is ready. @throws Error if it ends before. */
export async function startPeer(
  plan: PeerPlan,
  environment: Record<string, string>,
  logFile: string,
): Promise<PeerProcess> {
  const child = fork(file, [JSON.stringify(plan)], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const exited = once(child, 'exit').finally(() => log.end());
  const events: PeerProcess['events'] = { onAct: () => {}, onTaken: () => {} };
  let settle: ((word: Word | Error) => void) | undefined;
  void exited.then(() => settle?.(new Error(`A peer exited unexpectedly. Its log: ${logFile}`)));
  child.on('message', (word: Word) => {
    if (word.type === 'act') events.onAct(word.item);
    else if (word.type === 'taken') events.onTaken(word.item);
    else settle?.(word.type === 'failed' ? new Error(word.problem) : word);
  });
  const next = (): Promise<Word> =>
    new Promise((resolve, reject) => {
      settle = (word) => (word instanceof Error ? reject(word) : resolve(word));
    });
  await next();
  return {
    events,
    async obey(order) {
      const answer = next();
      child.send(order);
      return (await answer) as Answer;
    },
    async kill() {
      settle = undefined;
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await exited;
    },
  };
}
