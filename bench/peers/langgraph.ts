import { Annotation, Command, END, interrupt, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import type { Peer, World } from './peer.ts';

/* LangGraph JS with its PostgreSQL checkpointer, each step written before the next one. */

const State = Annotation.Root({ item: Annotation<string>(), result: Annotation<string>() });

export async function createPeer({ databaseUrl, act }: World): Promise<Peer> {
  const checkpointer = PostgresSaver.fromConnString(databaseUrl);
  await checkpointer.setup();
  const graph = new StateGraph(State)
    .addNode('reviewed', async ({ item }) => {
      const decision = interrupt<object, { type: string }>({ tool: 'act', args: { item } });
      return { result: decision.type === 'approve' ? await act(item) : 'rejected' };
    })
    .addEdge(START, 'reviewed')
    .addEdge('reviewed', END)
    .compile({ checkpointer });
  const options = (item: string) => ({ configurable: { thread_id: item }, durability: 'sync' as const });
  const going = new Map<string, Promise<unknown>>();
  return {
    pause: async (item) => void (await graph.invoke({ item }, options(item))),
    async decide(item) {
      // The decision is durable only when the run has continued.
      const resumed = graph.invoke(new Command({ resume: { type: 'approve' } }), options(item));
      going.set(item, resumed);
      await resumed;
    },
    ended: async (item) => void (await going.get(item)),
  };
}
