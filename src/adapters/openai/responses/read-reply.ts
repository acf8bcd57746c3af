import { randomUUID } from 'node:crypto';
import type { RequestedCall, TurnReply } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { failureOfCode } from '../failure-codes.ts';
import { describeFailed } from '../described-error.ts';
import { failureType } from '../failure-type.ts';
import { contextAdvice } from '../to-model-failure.ts';
import { redacted } from '../redacted.ts';
import { textField } from './response-object.ts';
import type { Item, ResponseObject } from './response-object.ts';

/** A response that was read: the items to store, and the outcome for the run. */
export type Reply = {
  items: Item[];
  words: string | null;
  outcome: TurnReply['outcome'];
  /** Call ids that occurred twice in one response. Each pair became one call. */
  doubled: string[];
};

type ReplyFacts = { apiKey: string; maxOutputTokens: number | null };

/** Reasons of an incomplete response that name a filter, of OpenAI and of servers behind a proxy. */
const filterReason = /content[_ -]?filter|safety|moderation|guardrail|recitation|prohibited|blocklist|sensitive/i;

/** Items that ask the client to act, other than function calls. Holdpoint's tools never cause them. */
const foreignCalls = new Set([
  'custom_tool_call',
  'computer_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'mcp_approval_request',
]);

/**
 * Reads a response that has ended. An answer may be empty, since a model can end its turn with only reasoning.
 * @throws ModelFailure for a response that failed or was cut off. Its calls may be incomplete, so they are dropped.
 */
export function readReply(response: ResponseObject, facts: ReplyFacts): Reply {
  if (response.status !== 'completed') throw endedOtherwise(response, facts);
  refuseLoss(response);
  const foreign = response.output.find((item) => foreignCalls.has(item.type));
  if (foreign)
    throw new ModelFailure(
      'ModelResponseFailed',
      `The model asked for "${foreign.type}", and Holdpoint answers function calls only. Remove the tool that offers it from modelSettings.`,
    );
  const half = response.output.find(
    (item) => item.type === 'function_call' && (item['status'] ?? 'completed') !== 'completed',
  );
  if (half)
    throw new ModelFailure(
      'ModelUnavailable',
      `OpenAI sent a completed response, but its call of "${textField(half, 'name')}" is ${textField(half, 'status')}. The call is not run.`,
    );

  const { items, doubled } = withoutDoubledCalls(response.output.map(completeCall));
  const calls = items.filter((item) => item.type === 'function_call').map(requestedCall);
  const said = textAndRefusal(items);
  const words = [said.text, said.refusal, summariesOf(items)].filter((text) => text !== '').join('\n\n') || null;
  if (calls.length > 0) return { items, words, doubled, outcome: { type: 'calls', calls, words } };
  const refused = said.refusal !== '';
  const text = refused ? [said.text, said.refusal].filter((part) => part !== '').join('\n\n') : said.text;
  return { items, words, doubled, outcome: { type: 'answer', text, ...(refused && { refused }) } };
}

/** Refuses a response whose text was lost on the transport. An answer may be empty only if the model wrote nothing. */
function refuseLoss({ output, owesOutput }: ResponseObject): void {
  const lost =
    (output.length === 0 && owesOutput) || (output.every(isMessage) && output.some(isUnreadable) && !output.some(says));
  if (lost)
    throw new ModelFailure(
      'ModelUnavailable',
      "OpenAI sent a completed response without the model's output. The request is sent again. If this repeats, set modelSettings: { stream: false }.",
    );
}

function isMessage({ type }: Item): boolean {
  return type === 'message';
}

function says(message: Item): boolean {
  const { text, refusal } = contentOf(message);
  return text !== '' || refusal !== '';
}

/** True if the message has parts and one of them is of an unknown kind. */
function isUnreadable(message: Item): boolean {
  const { content } = message;
  return Array.isArray(content) && content.some((part) => isPart(part) && partText(part) === undefined);
}

/** True for a response that reached a token limit. Compatible servers write `length`. */
export function isCutOff(response: ResponseObject): boolean {
  return (
    response.status === 'incomplete' &&
    ['max_output_tokens', 'max_tokens', 'length'].includes(response.incompleteReason ?? '')
  );
}

function endedOtherwise(response: ResponseObject, { apiKey, maxOutputTokens }: ReplyFacts): ModelFailure {
  const { status, error, incompleteReason } = response;
  if (status === 'incomplete' && incompleteReason !== null && filterReason.test(incompleteReason)) {
    return new ModelFailure(
      'ModelBlocked',
      `A content filter cut the response off (${incompleteReason}). It may be the input, or a tool's output.`,
    );
  }
  if (isCutOff(response)) {
    return new ModelFailure(
      'ModelIncomplete',
      maxOutputTokens === null
        ? `The response was cut off at the model's own limit (${incompleteReason}). Set modelSettings.max_output_tokens, a lower modelSettings.reasoning.effort, or ask for less.`
        : `The response was cut off at ${maxOutputTokens} tokens (${incompleteReason}). Raise modelSettings.max_output_tokens; reasoning counts too.`,
    );
  }
  if (status === 'incomplete')
    return new ModelFailure('ModelIncomplete', `The response ended early: ${incompleteReason ?? 'no reason given'}.`);
  if (status === 'failed') {
    const code = error?.code ?? '';
    const type = error ? typeOfFailed(error) : 'ModelResponseFailed';
    const advice = type === 'ModelContextExceeded' ? ` ${contextAdvice}` : '';
    return new ModelFailure(
      type,
      `The response failed${code ? ` (${code})` : ''}: ${redacted(error?.message || 'no reason given', apiKey)}${advice}`,
    );
  }
  if (status === 'cancelled')
    return new ModelFailure('ModelUnavailable', 'The response was cancelled at OpenAI. The request is sent again.');
  return new ModelFailure('ModelUnavailable', `OpenAI answered with a response that has not ended (${status}).`);
}

/**
 * The failure type of a failed response, read like an HTTP error. `ModelResponseFailed` if code and text are unknown.
 */
function typeOfFailed(error: NonNullable<ResponseObject['error']>): ModelFailure['type'] {
  const known = failureOfCode(error.code);
  if (known) return known;
  const described = describeFailed(error);
  const type = failureType(described);
  if (type === 'ModelContextExceeded' || type === 'ModelBlocked' || type === 'QuotaExhausted') return type;
  if (described.status !== undefined || /^(invalid_request|unsupported_|invalid_value)/.test(error.code)) return type;
  return 'ModelResponseFailed';
}

/** The server pairs calls and outputs one to one, so two calls with one id are one call. */
function withoutDoubledCalls(output: readonly Item[]): { items: Item[]; doubled: string[] } {
  const seen = new Set<string>();
  const doubled: string[] = [];
  const items = output.filter((item) => {
    if (item.type !== 'function_call') return true;
    const id = textField(item, 'call_id');
    const isNew = !seen.has(id);
    if (isNew) seen.add(id);
    else doubled.push(id);
    return isNew;
  });
  return { items, doubled };
}

/** Adds the fields that compatible servers leave out or write differently, so the call can be answered and replayed. */
function completeCall(item: Item): Item {
  if (item.type !== 'function_call') return item;
  const written = item['arguments'] ?? '';
  return {
    ...item,
    call_id: callIdOf(item),
    name: textField(item, 'name'),
    arguments: typeof written === 'string' ? written : JSON.stringify(written),
  };
}

function requestedCall(item: Item): RequestedCall {
  return { callId: textField(item, 'call_id'), name: textField(item, 'name'), arguments: textField(item, 'arguments') };
}

/** The id of a call. A call without one gets an id of our own: the transcript pairs it with its output. */
function callIdOf(item: Item): string {
  const written = [item['call_id'], item['id']]
    .map((id) => (typeof id === 'number' ? String(id) : id))
    .find((id): id is string => typeof id === 'string' && id.trim() !== '');
  return written ?? `call_${randomUUID().replaceAll('-', '')}`;
}

/** The model's text. If it marks a final answer, its earlier remarks are left out. */
function textAndRefusal(items: readonly Item[]): { text: string; refusal: string } {
  const messages = items.filter((item) => item.type === 'message');
  const final = messages.filter((message) => message['phase'] === 'final_answer');
  const parts = (final.length > 0 ? final : messages).map((message) => contentOf(message));
  const join = (texts: string[]) => texts.filter((text) => text !== '').join('\n\n');
  return { text: join(parts.map(({ text }) => text)), refusal: join(parts.map(({ refusal }) => refusal)) };
}

function contentOf(message: Item): { text: string; refusal: string } {
  const { content } = message;
  if (typeof content === 'string') return { text: content, refusal: '' };
  const parts = Array.isArray(content) ? content : [];
  const refusals = parts.filter(isPart).map((part) => (part.type === 'refusal' ? textField(part, 'refusal') : ''));
  const texts = parts.map((part) => (typeof part === 'string' ? part : isPart(part) ? (partText(part) ?? '') : ''));
  return { text: texts.join(''), refusal: refusals.join('') };
}

function isPart(part: unknown): part is Item {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}

/** The text of a part of any kind. Undefined for a part without text. */
function partText(part: Item): string | undefined {
  if (part.type === 'refusal') return '';
  const { text } = part;
  if (typeof text === 'string') return text;
  return isPart(text) && typeof text['value'] === 'string' ? text['value'] : undefined;
}

function summariesOf(items: readonly Item[]): string {
  return items
    .filter((item) => item.type === 'reasoning')
    .flatMap((item) =>
      (Array.isArray(item['summary']) ? (item['summary'] as Item[]) : []).map((part) => textField(part, 'text')),
    )
    .filter((text) => text !== '')
    .join('\n\n');
}
