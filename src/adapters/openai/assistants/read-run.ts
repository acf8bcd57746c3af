import type { OpenAI } from 'openai';
import type { RequestedCall, TurnReply } from '../../../activities/ports.ts';
import type { JsonObject } from '@holdpoint/json';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { describeFailed } from '../described-error.ts';
import { failureType } from '../failure-type.ts';
import { failureOfCode } from '../failure-codes.ts';
import { redacted } from '../redacted.ts';
import type { Item } from '../responses/response-object.ts';
import type { AssistantRun } from './assistants-turn.ts';

type Message = OpenAI.Beta.Threads.Message;

/** A run at OpenAI that was read: the items to store, and the outcome for the Holdpoint run. */
export type RunReply = { items: Item[]; words: string | null; outcome: TurnReply['outcome']; doubled: string[] };

/**
 * Reads a run that asks for calls or has ended.
 * @param messages The model's messages in the run since the previous turn.
 * @throws ModelFailure for a run that failed or was cut off. Its calls are dropped.
 */
export function readRun(run: AssistantRun, messages: readonly Message[], apiKey: string): RunReply {
  if (run.status !== 'requires_action' && run.status !== 'completed') throw endedOtherwise(run, apiKey);
  const blocked = messages.find(
    ({ status, incomplete_details: details }) => status === 'incomplete' && details?.reason === 'content_filter',
  );
  if (blocked)
    throw new ModelFailure(
      'ModelBlocked',
      "A content filter cut the answer off (content_filter). It may be the input, or a tool's output.",
    );

  const { calls, doubled } = run.status === 'requires_action' ? callsOf(run) : { calls: [], doubled: [] };
  const texts = messages.map((message) => partsText(message, 'text')).filter((text) => text !== '');
  const refusals = messages.map((message) => partsText(message, 'refusal')).filter((text) => text !== '');
  const said = [...texts, ...refusals].join('\n\n');
  const items: Item[] = [
    { type: 'run', id: run.id, status: run.status, thread_id: run.thread_id, assistant_id: run.assistant_id },
    ...messages.map((message): Item => ({
      type: 'message',
      id: message.id,
      role: 'assistant',
      text: [partsText(message, 'text'), partsText(message, 'refusal')].filter((text) => text !== '').join('\n\n'),
    })),
    ...calls.map(({ callId, name, arguments: written }): Item => ({
      type: 'function_call',
      call_id: callId,
      name,
      arguments: written,
    })),
  ];
  const words = said === '' ? null : said;
  if (run.status === 'requires_action') return { items, words, doubled, outcome: { type: 'calls', calls, words } };
  return {
    items,
    words,
    doubled,
    outcome: { type: 'answer', text: said, ...(refusals.length > 0 && { refused: true as const }) },
  };
}

function callsOf({ id, required_action: action }: AssistantRun): { calls: RequestedCall[]; doubled: string[] } {
  const calls = new Map<string, RequestedCall>();
  const doubled: string[] = [];
  for (const call of action?.submit_tool_outputs.tool_calls ?? []) {
    const { name, arguments: written } =
      (call as { function?: { name?: unknown; arguments?: unknown } }).function ?? {};
    if (typeof name !== 'string')
      throw new ModelFailure(
        'ModelResponseFailed',
        `The run ${id} asked for "${String(call.type)}", and Holdpoint answers function calls only. Remove the tool that offers it from the assistant.`,
      );
    if (typeof call.id !== 'string' || call.id === '')
      throw new ModelFailure('ModelResponseFailed', `The call of "${name}" has no id, so it can't be answered.`);
    if (calls.has(call.id)) doubled.push(call.id);
    else
      calls.set(call.id, {
        callId: call.id,
        name,
        arguments: typeof written === 'string' ? written : JSON.stringify(written ?? ''),
      });
  }
  return { calls: [...calls.values()], doubled };
}

function endedOtherwise(run: AssistantRun, apiKey: string): ModelFailure {
  const { status, last_error: error, incomplete_details: details } = run;
  if (status === 'failed') {
    const code: string = error?.code ?? '';
    const message = error?.message ?? '';
    const quota = /exceeded your current quota|billing|insufficient[ _]quota/i.test(message);
    const said = failureType(describeFailed({ code, message, raw: error }));
    const byWords = said === 'ModelBlocked' || said === 'ModelContextExceeded' ? said : undefined;
    return new ModelFailure(
      quota ? 'QuotaExhausted' : (byWords ?? failureOfCode(code) ?? 'ModelResponseFailed'),
      `The run failed${code ? ` (${code})` : ''}: ${redacted(message || 'no reason given', apiKey)}`,
    );
  }
  if (status === 'incomplete') {
    const reason: string = details?.reason ?? 'no reason given';
    if (reason === 'content_filter')
      return new ModelFailure(
        'ModelBlocked',
        "A content filter cut the run off (content_filter). It may be the input, or a tool's output.",
      );
    const advice =
      reason === 'max_prompt_tokens'
        ? 'Raise modelSettings.max_prompt_tokens, or ask for less.'
        : 'Raise modelSettings.max_completion_tokens; it counts for all turns of one run together.';
    return new ModelFailure('ModelIncomplete', `The run was cut off (${reason}). ${advice}`);
  }
  return new ModelFailure('ModelUnavailable', `The run ${run.id} ended as ${status}. Another is started.`);
}

function partsText({ content }: Message, type: 'text' | 'refusal'): string {
  const parts: unknown = content;
  if (typeof parts === 'string') return type === 'text' ? parts : '';
  return ((parts ?? []) as JsonObject[])
    .filter((part) => part['type'] === type || (type === 'text' && part['type'] === 'output_text'))
    .map((part) => {
      const value =
        type === 'text' && typeof part[type] === 'object' ? (part[type] as JsonObject | null)?.['value'] : part[type];
      return typeof value === 'string' ? value : '';
    })
    .join('');
}
