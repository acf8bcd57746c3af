import { setTimeout as sleep } from 'node:timers/promises';
import { CheqpointClient } from '../../src/cheqpoint.ts';
import { signIn } from '../stage/reviewer.ts';
import type { Peer, World } from './peer.ts';

/* The loop of Cheqpoint's guide for OpenAI: ask, poll for 30 seconds, keep everything in memory. */

export async function createPeer({ review, act }: World): Promise<Peer> {
  if (review === undefined) throw new Error('The loop needs the review server.');
  const cheqpoint = new CheqpointClient({ apiKey: review.connectionKey, baseUrl: review.url });
  const reviewer = await signIn(review.url, review.reviewer, review.password);
  const approvals = new Map<string, string>();
  const going = new Map<string, Promise<void>>();
  const ask = async (item: string): Promise<void> => {
    const { status } = await cheqpoint.requestSync({
      action: 'act',
      summary: item,
      details: { item },
      timeoutMs: 30_000,
    });
    if (status === 'approved') await act(item);
  };
  return {
    async pause(item) {
      going.set(item, ask(item));
      while (!approvals.has(item)) {
        for (const { id, summary } of await reviewer.open(200)) approvals.set(summary, id);
        await sleep(50);
      }
    },
    decide: async (item) => void (await reviewer.decide(approvals.get(item) as string, { decision: 'approve' })),
    ended: async (item) => await going.get(item),
  };
}
