/** The fields of an Assistants API run that the demo reads. */
type ModelRun = { id: string; status: string; metadata: { holdpoint_run?: string } };

/** Controls of the stand-in for the model. */
export type StandInModel = {
  /** Moves its clock forward. */
  advance(milliseconds: number): Promise<void>;
  /** The runs at "OpenAI" of one Holdpoint run, oldest first. */
  runsOf(id: string): Promise<ModelRun[]>;
  /** The outputs that were handed to a run at "OpenAI". */
  outputsFor(run: ModelRun): Promise<string[]>;
};

/** The controls of the stand-in whose API is at `baseUrl`. */
export function standInModel(baseUrl: string, apiKey: string): StandInModel {
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(new URL(`/__stand-in/${path}`, baseUrl), {
      ...init,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`The stand-in for the model answered HTTP ${response.status} to ${path}.`);
    return response;
  };
  const read = async <T>(path: string): Promise<T[]> => ((await (await ask(path)).json()) as { data: T[] }).data;
  return {
    async advance(milliseconds) {
      await ask('clock', { method: 'POST', body: JSON.stringify({ advanceMilliseconds: milliseconds }) });
    },
    runsOf: async (id) =>
      (await read<ModelRun>('assistant-runs')).filter(({ metadata }) => metadata.holdpoint_run === id),
    async outputsFor({ id }) {
      const submits = (
        await read<{ path: string; body: { tool_outputs: Array<{ output: string }> } }>('requests')
      ).filter(({ path }) => path.endsWith(`/runs/${id}/submit_tool_outputs`));
      return submits.flatMap(({ body }) => body.tool_outputs.map(({ output }) => output));
    },
  };
}
