import { Agent, run, RunState, setTracingDisabled, tool, Usage, type Model, type ModelRequest } from '@openai/agents';
import { Pool } from 'pg';
import { z } from 'zod';
import type { Peer, World } from './peer.ts';

/* The OpenAI Agents SDK with a hand-written table, without a workflow engine. */

/** Calls the tool, then answers. */
const model: Model = {
  getResponse: async ({ input }: ModelRequest) => {
    const called = Array.isArray(input) && input.some((each) => each.type === 'function_call_result');
    const text = Array.isArray(input) ? JSON.stringify(input) : input;
    const item = /item:([\w-]+)/.exec(text)?.[1] ?? '';
    return {
      usage: new Usage(),
      output: called
        ? [
            {
              type: 'message',
              role: 'assistant',
              status: 'completed',
              content: [{ type: 'output_text', text: 'Done.' }],
            },
          ]
        : [
            {
              type: 'function_call',
              callId: `call_${item}`,
              name: 'act',
              arguments: JSON.stringify({ item }),
              status: 'completed',
            },
          ],
    };
  },
  getStreamedResponse: () => {
    throw new Error('Nothing streams here.');
  },
};

export async function createPeer({ databaseUrl, act }: World): Promise<Peer> {
  setTracingDisabled(true);
  const pool = new Pool({ connectionString: databaseUrl, max: 20 });
  const agent = new Agent({
    name: 'bench',
    model,
    tools: [
      tool({
        name: 'act',
        description: 'Acts.',
        parameters: z.object({ item: z.string() }),
        needsApproval: true,
        execute: ({ item }) => act(item),
      }),
    ],
  });
  await pool.query(
    'create table if not exists runs (item text primary key, status text not null, state text not null)',
  );

  const resume = async (item: string, state: string): Promise<void> => {
    const restored = await RunState.fromString(agent, state);
    for (const interruption of restored.getInterruptions()) restored.approve(interruption);
    await run(agent, restored);
    await pool.query(`update runs set status = 'done' where item = $1`, [item]);
  };
  // No other process takes over the claims of a dead process, so the next start must.
  const { rows: claimed } = await pool.query<{ item: string; state: string }>(
    `select item, state from runs where status = 'resuming'`,
  );
  const recovering = new Map(claimed.map(({ item, state }) => [item, resume(item, state)]));

  const going = new Map<string, Promise<void>>(recovering);
  return {
    async pause(item) {
      const { state } = await run(agent, `item:${item}`);
      await pool.query(`insert into runs (item, status, state) values ($1, 'waiting', $2)`, [item, state.toString()]);
    },
    async decide(item) {
      const {
        rows: [row],
      } = await pool.query<{ state: string }>(
        `update runs set status = 'resuming' where item = $1 and status = 'waiting' returning state`,
        [item],
      );
      if (row !== undefined) going.set(item, resume(item, row.state));
    },
    ended: async (item) => await going.get(item),
  };
}
