import {
  isModelItem,
  type FaultInput,
  type Item,
  type Reply,
  type ScriptFunction,
  type ScriptInput,
  type SetFault,
  type StandInControl,
} from '@holdpoint/openai-stand-in';
import type { Tool } from '../assistant/tool.ts';

/** One call in a turn of the model: the tool, or its name, and the arguments. */
export type ScriptedCall<Args = unknown> = { tool: Tool<Args> | string; args: Args };

/**
 * The model of a test stack. Its replies are written before a run starts, a turn each, in order. The next `start` takes
 * them. A run without replies is answered by the stand-in's built-in scripts: the input `call refund {"amount": 20}`
 * makes that call.
 */
export type TestModel = {
  /** A turn that asks for one call. The tool itself types the arguments; a name may be one that does not exist. */
  calls<Args>(tool: Tool<Args> | string, args: Args): TestModel;
  /** A turn that asks for several calls. */
  callsAll(calls: readonly ScriptedCall[]): TestModel;
  /** A turn that answers with this text. */
  answers(text: string): TestModel;
  /** A turn with any reply of the stand-in: a refusal, an incomplete answer, a failure, malformed arguments. */
  replies(reply: Reply): TestModel;
  /**
   * Makes the next requests fail: `{ kind: 'rate_limit' }`, `{ kind: 'drop' }`, `{ kind: 'status', status: 502 }`.
   * @throws ZodError for a malformed fault.
   */
  fails(fault: FaultInput): SetFault;
};

/** The turns of one run. */
type Turns = { replies: readonly Reply[]; countsFrom: 'metadata' | 'items' };

/** The model, and what the stack does with it. */
export type ScriptedModel = {
  model: TestModel;
  /** Gives the replies written since the last call to this run. */
  give(runId: string, api: 'responses' | 'assistants'): void;
};

/** `problem` is called when a run asks for a turn after its last reply. */
export function createTestModel(control: StandInControl, problem: (sentence: string) => void): ScriptedModel {
  const runs = new Map<string, Turns>();
  let written: Reply[] = [];
  const script: ScriptFunction = {
    name: 'test stack',
    reply(input) {
      const runId = input.metadata['holdpoint_run'] ?? '';
      const turns = runs.get(runId);
      if (turns === undefined) return undefined;
      const turn = turnOf(input, turns);
      const reply = turns.replies[turn];
      if (reply !== undefined) return reply;
      const sentence = `The run ${runId} asked the model for turn ${turn + 1}, and only ${turns.replies.length} were written. Write one more before start: stack.model.answers('…').`;
      problem(sentence);
      return { text: sentence };
    },
  };
  control.script(script);
  const model: TestModel = {
    calls: (tool, args) => model.callsAll([{ tool, args }]),
    callsAll: (calls) =>
      model.replies({
        calls: calls.map(({ tool, args }) => ({
          name: typeof tool === 'string' ? tool : tool.name,
          arguments: typeof args === 'string' ? args : (args as Record<string, unknown>),
        })),
      }),
    answers: (text) => model.replies({ text }),
    replies(reply) {
      written.push(reply);
      return model;
    },
    fails: (fault) => control.fault(fault),
  };
  return {
    model,
    give(runId, api) {
      // A run of the Assistants API has several turns, with the metadata of its first.
      if (written.length > 0)
        runs.set(runId, { replies: written, countsFrom: api === 'responses' ? 'metadata' : 'items' });
      written = [];
    },
  };
}

function turnOf({ metadata, items }: ScriptInput, { countsFrom }: Turns): number {
  return countsFrom === 'metadata' ? Number(metadata['holdpoint_turn'] ?? 1) - 1 : turnsSinceUser(items);
}

/** The number of the model's turns since the newest message of the user. */
function turnsSinceUser(items: readonly Item[]): number {
  const newest = items.findLastIndex((item) => item.type === 'message' && item['role'] === 'user');
  return items
    .slice(newest + 1)
    .filter((item, index, since) => isModelItem(item) && !isModelItem(since[index - 1] ?? { type: 'none' })).length;
}
