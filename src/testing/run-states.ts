import type { Client } from '../client.ts';

/** The states of the runs, as a sentence, for an error. */
export async function runStates(client: Client, runs: ReadonlyArray<{ id: string }>): Promise<string> {
  if (runs.length === 0) return 'No run was started.';
  const lines = await Promise.all(
    runs.map(async ({ id }) => {
      const run = await client.runs.get(id).catch((error: unknown) => error as Error);
      if (run instanceof Error) return `${id}: ${run.message}`;
      const parked = run.detail?.calls.map(({ tool, state }) => `${tool} ${state}`).join(', ');
      return `${id} is ${run.state}${parked ? ` (${parked})` : ''}`;
    }),
  );
  return `Runs: ${lines.join('; ')}.`;
}
