import type { ModelSurface, RequestedCall, Transcripts, TurnReply, TurnRequest } from '../../src/activities/ports.ts';
import type { Json } from '@holdpoint/json';

/** The model's reply in one turn. A function is called when the model is asked, and may throw. */
export type ScriptedTurn =
  TurnReply['outcome'] | ((request: TurnRequest) => TurnReply['outcome'] | Promise<TurnReply['outcome']>);

/** A model that replies as a test wants, turn after turn, and records its inputs. */
export type ScriptedModel = ModelSurface & {
  /** The model's inputs by run id, in the order of arrival. */
  received(runId: string): Array<TurnRequest['input']>;
};

let calls = 0;

/** One tool call in the model's form. Without an id it gets a new one. */
export function call(name: string, args: Json, callId = `call_${++calls}`): RequestedCall {
  return { callId, name, arguments: JSON.stringify(args) };
}

/** A turn that asks for tools. */
export function calling(...requested: RequestedCall[]): TurnReply['outcome'] {
  return { type: 'calls', calls: requested, words: null };
}

/** A turn that ends the run. */
export function answering(text: string): TurnReply['outcome'] {
  return { type: 'answer', text };
}

/** `turns` by the user's text; a script that is used up answers "done". */
export function scriptedModel(
  transcripts: Transcripts,
  turnsOf: (runId: string) => readonly ScriptedTurn[],
): ScriptedModel {
  const received = new Map<string, Array<TurnRequest['input']>>();
  return {
    received: (runId) => received.get(runId) ?? [],
    answerAside: async ({ outputs }) => `asked: ${outputs.map(({ output }) => output).join()}`,
    async takeTurn(request) {
      const inputs = received.get(request.runId) ?? [];
      received.set(request.runId, [...inputs, request.input]);
      const step = turnsOf(request.runId)[request.turn - 1] ?? answering('done');
      const outcome = typeof step === 'function' ? await step(request) : step;
      const reference = await transcripts.append({
        id: `${request.firstRunId}-${request.turn}-${received.get(request.runId)?.length}`,
        parent: request.conversation?.entry ?? null,
        runId: request.runId,
        firstRunId: request.firstRunId,
        turn: request.turn,
        assistant: request.assistant.name,
        surface: 'responses',
        state: {},
        sent: [request.input],
        received: itemsOf(outcome),
        words: outcome.type === 'calls' ? outcome.words : null,
      });
      return { conversation: { ...reference, surface: {} }, outcome };
    },
  };
}

/** The items of a transcript, with calls as the Responses API has them. */
function itemsOf(outcome: TurnReply['outcome']): Json[] {
  if (outcome.type !== 'calls') return [outcome];
  return outcome.calls.map(({ callId, name, arguments: args }) => ({
    type: 'function_call',
    call_id: callId,
    name,
    arguments: args,
  }));
}
