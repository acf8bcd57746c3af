import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Peer, World } from './peer.ts';

/* A peer as a process. It receives orders over the channel and answers each once. */

/** Start-up message of the benchmark. */
export type PeerPlan = Omit<World, 'act'> & {
  module: string;
  /** File that gets one line per act. With it, acts take a moment. @default no file */
  actsFile?: string;
};

export type Order =
  | { type: 'pause'; items: string[]; width: number }
  /** `apart`: each decision waits for the end of the previous run. */
  | { type: 'decide'; items: string[]; width: number; apart: boolean }
  | { type: 'double-click'; items: string[] }
  | { type: 'end'; items: string[] }
  | { type: 'memory' };

export type Answer = { ms: number; latencies?: number[]; taken?: string[]; memoryMB?: number };

/** Duration of a counted act in milliseconds, as in Holdpoint's worker. */
const actMs = 20;

const plan = JSON.parse(process.argv[2] as string) as PeerPlan;
const firstLines = new Map<string, number>();
const waiting = new Map<string, () => void>();

const act = async (item: string): Promise<string> => {
  if (!firstLines.has(item)) firstLines.set(item, performance.now());
  waiting.get(item)?.();
  process.send?.({ type: 'act', item });
  if (plan.actsFile !== undefined) {
    await sleep(actMs / 2);
    appendFileSync(plan.actsFile, `${JSON.stringify({ item, key: item })}\n`);
    await sleep(actMs / 2);
  }
  return 'done';
};

const { createPeer } = (await import(plan.module)) as { createPeer(world: World): Promise<Peer> };
const peer = await createPeer({ ...plan, act });
process.once('disconnect', () => process.exit(0));
process.on('message', (order: Order) => {
  const began = performance.now();
  obey(order).then(
    (answer) => process.send?.({ type: 'answer', ...answer, ms: performance.now() - began }),
    (error: unknown) => process.send?.({ type: 'failed', problem: String(error) }),
  );
});
process.send?.({ type: 'up' });

async function obey(order: Order): Promise<Omit<Answer, 'ms'>> {
  switch (order.type) {
    case 'pause':
      await inFlight(order.items, order.width, (item) => peer.pause(item));
      return {};
    case 'decide': {
      const latencies: number[] = [];
      await inFlight(order.items, order.width, async (item) => {
        const from = performance.now();
        const acted = new Promise<void>((resolve) => void waiting.set(item, resolve));
        const decided = peer.decide(item);
        await Promise.all([acted, decided]);
        latencies.push((firstLines.get(item) as number) - from);
        if (order.apart) await peer.ended(item);
      });
      await Promise.all(order.items.map((item) => peer.ended(item)));
      return { latencies };
    }
    case 'double-click': {
      const clicks = order.items.map(async (item) => {
        const both = await Promise.allSettled([peer.decide(item), peer.decide(item)]);
        if (both.some(({ status }) => status === 'fulfilled')) process.send?.({ type: 'taken', item });
      });
      await Promise.all(clicks);
      return {};
    }
    case 'end':
      await Promise.allSettled(order.items.map((item) => peer.ended(item)));
      return {};
    case 'memory':
      globalThis.gc?.();
      return { memoryMB: process.memoryUsage.rss() / 1e6 };
  }
}

async function inFlight(items: readonly string[], width: number, work: (item: string) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
