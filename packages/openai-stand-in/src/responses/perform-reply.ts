import { newId, newItemId } from '../ids.ts';
import type { Item } from '../item.ts';
import type { Reply, ScriptInput } from '../scripts/script.ts';
import { sealReasoning } from './encrypted-reasoning.ts';

/** The result of a model turn. */
export type ReplyOutcome = {
  readonly status: 'completed' | 'incomplete' | 'failed';
  readonly output: readonly Item[];
  readonly error: Readonly<Record<string, unknown>> | null;
  readonly incompleteDetails: { readonly reason: string } | null;
};

const reasoningModel = /^(gpt-5(?!.*chat)|o\d)/;

function reasoningItem(summary: string, model: string, encrypted: boolean): Item {
  const id = newId('rs');
  return {
    id,
    type: 'reasoning',
    summary: summary === '' ? [] : [{ type: 'summary_text', text: summary }],
    ...(encrypted ? { encrypted_content: sealReasoning(id, model) } : {}),
  };
}

function messageItem({ text, refusal, calls = [] }: Reply): Item {
  const content =
    refusal === undefined
      ? [{ type: 'output_text', annotations: [], logprobs: [], text: text ?? '' }]
      : [
          ...(text === undefined ? [] : [{ type: 'output_text', annotations: [], logprobs: [], text }]),
          { type: 'refusal', refusal },
        ];
  return {
    id: newId('msg'),
    type: 'message',
    status: 'completed',
    role: 'assistant',
    phase: calls.length > 0 ? 'commentary' : 'final_answer',
    content,
  };
}

function callItem({ name, arguments: given = {}, callId = newId('call') }: NonNullable<Reply['calls']>[number]): Item {
  return {
    id: newId('fc'),
    type: 'function_call',
    status: 'completed',
    arguments: typeof given === 'string' ? given : JSON.stringify(given),
    call_id: callId,
    name,
  };
}

function half(text: string): string {
  return text.slice(0, Math.ceil(text.length / 2));
}

/** The item if the response ends in the middle of it. */
function cutOff(item: Item): Item {
  if (item.type === 'function_call')
    return { ...item, status: 'incomplete', arguments: half(String(item['arguments'])) };
  if (item.type !== 'message') return item;
  const content = (item['content'] as readonly { type: string; text?: string }[]).map((part) =>
    part.text === undefined ? part : { ...part, text: half(part.text) },
  );
  return { ...item, status: 'incomplete', content };
}

/** Converts a script's reply to output items and the end of the response. */
export function performReply(
  reply: Reply,
  { model, maxOutputTokens }: ScriptInput,
  { encrypted }: { encrypted: boolean },
): ReplyOutcome {
  if (reply.failed !== undefined) {
    const { code, message = 'The model failed on demand.', ...rest } = reply.failed;
    return { status: 'failed', output: [], error: { code, message, ...rest }, incompleteDetails: null };
  }
  const showsReasoning = reply.reasoning !== undefined && (reply.reasoning !== '' || reasoningModel.test(model));
  const output: readonly Item[] = [
    ...(showsReasoning ? [reasoningItem(reply.reasoning ?? '', model, encrypted)] : []),
    ...(reply.text === undefined && reply.refusal === undefined ? [] : [messageItem(reply)]),
    ...(reply.items ?? []).map((item): Item => ({ id: newItemId(item.type), ...item })),
    ...(reply.calls ?? []).map(callItem),
  ];
  const isShort =
    reply.minOutputTokens !== undefined && maxOutputTokens !== null && maxOutputTokens < reply.minOutputTokens;
  const reason = isShort ? 'max_output_tokens' : reply.incomplete;
  if (reason === undefined) return { status: 'completed', output, error: null, incompleteDetails: null };
  return {
    status: 'incomplete',
    output: output.map((item, index) => (index === output.length - 1 ? cutOff(item) : item)),
    error: null,
    incompleteDetails: { reason },
  };
}
