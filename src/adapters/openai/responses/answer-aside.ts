import type { AsideRequest, TurnRequest } from '../../../activities/ports.ts';
import type { Assistant } from '../../../assistant/assistant.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { readWithout } from '../refused-settings.ts';
import { chainedTurn } from './chained-turn.ts';
import { newItems } from './items.ts';
import { readReply } from './read-reply.ts';
import { maxOutputTokensOf } from './request-body.ts';
import { surfaceState, type ResponsesTurn } from './responses-turn.ts';

/** The surface's parts of a turn. */
export type AsideParts = Pick<
  ResponsesTurn,
  'client' | 'apiKey' | 'transcripts' | 'log' | 'now' | 'intervals' | 'hints' | 'silenceMs'
>;

/**
 * One response from the saved transcript and the outputs. OpenAI stores it nowhere: it continues no response, adds to no
 * conversation, and the transcript does not get it. Serves both surfaces, since a transcript of a thread replays too.
 * @throws ModelFailure `ModelResponseFailed` if the model calls a tool instead of answering.
 */
export async function answerAside(parts: AsideParts, aside: AsideRequest): Promise<string> {
  const state = surfaceState(aside.conversation);
  const without = readWithout(state?.model === aside.assistant.model ? state.without : []);
  const request: TurnRequest = {
    ...aside,
    assistant: asideAssistant(aside.assistant, without.has('tool_choice')),
    context: null,
    input: { outputs: aside.outputs, messages: [] },
    onDelta: () => undefined,
    resumeFrom: null,
    checkpoint: () => Promise.resolve(),
  };
  const turn: ResponsesTurn = { ...parts, request, sent: newItems(request.input), state, without };
  const { response } = await chainedTurn(turn);
  const { outcome } = readReply(response, { apiKey: parts.apiKey, maxOutputTokens: maxOutputTokensOf(request) });
  if (outcome.type === 'answer') return outcome.text;
  throw new ModelFailure('ModelResponseFailed', 'The model called a tool instead of answering the question.');
}

/** The assistant with free text as answer. `withoutChoice`: the server refuses `tool_choice`, so no tools are offered. */
function asideAssistant(assistant: Assistant, withoutChoice: boolean): Assistant {
  const { text: _, response_format: __, ...settings } = assistant.modelSettings;
  return {
    ...assistant,
    store: false,
    chain: false,
    background: null,
    conversation: null,
    // A response that nothing continues needs no encrypted reasoning.
    leavesOut: [...assistant.leavesOut, 'include'],
    modelSettings: { ...settings, tool_choice: 'none' },
    tools: withoutChoice ? [] : assistant.tools,
  };
}
