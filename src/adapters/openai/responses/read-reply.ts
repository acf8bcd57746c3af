import type { RequestedCall, TurnReply } from '../../../activities/ports.ts';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { failureOfCode } from '../failure-codes.ts';
import { describeFailed } from '../described-error.ts';
import { failureType } from '../failure-type.ts';
import { contextAdvice } from '../to-model-failure.ts';
import { redacted } from '../redacted.ts';
import { textField } from './response-object.ts';
import type { Item, ResponseObject } from './response-object.ts';

/** What a response comes to: the items to keep, and what the Run goes on with. */
export type Reply = {
  items: Item[];
  words: string | null;
  outcome: TurnReply['outcome'];
  /** Call ids that stood twice in one response; one call was made of each pair. */
  doubled: string[];
};

type ReplyFacts = { apiKey: string; maxOutputTokens: number | null };

/** Items by which a model asks its client to act, other than function calls. None of them can come of Holdpoint's tools. */
const foreignCalls = new Set([
  'custom_tool_call',
  'computer_call',
  'local_shell_call',
  'shell_call',
  'apply_patch_call',
  'mcp_approval_request',
]);

/**
 * Reads a response that has ended. An answer may be empty: a model can end its turn with nothing but reasoning.
 * @throws ModelFailure for a response that failed or was cut off. Its calls are never returned: they may be half written.
 */
export function readReply(response: ResponseObject, facts: ReplyFacts): Reply {
  if (response.status !== 'completed') throw endedOtherwise(response, facts);
  refuseLoss(response);
  const foreign = response.output.find((item) => foreignCalls.has(item.type));
  if (foreign)
    throw new ModelFailure(
      'ModelResponseFailed',
      `The model asked for "${foreign.type}", and Holdpoint answers function calls only. Remove what offers it from modelSettings.`,
    );
  const half = response.output.find(
    (item) => item.type === 'function_call' && (item['status'] ?? 'completed') !== 'completed',
  );
  if (half)
    throw new ModelFailure(
      'ModelUnavailable',
      `OpenAI called the response completed, but its call of "${textField(half, 'name')}" is ${textField(half, 'status')}. The call is not run.`,
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

/** An answer is empty only where the model said nothing, never because what it said did not arrive. */
function refuseLoss({ output, owesOutput }: ResponseObject): void {
  const lost =
    (output.length === 0 && owesOutput) || (output.every(isMessage) && output.some(isUnreadable) && !output.some(says));
  if (lost)
    throw new ModelFailure(
      'ModelUnavailable',
      'OpenAI called the response completed, but what the model wrote is not in it. It is asked for again. If that lasts: modelSettings: { stream: false } asks the server for its answer in one piece.',
    );
}

function isMessage({ type }: Item): boolean {
  return type === 'message';
}

function says(message: Item): boolean {
  const { text, refusal } = contentOf(message);
  return text !== '' || refusal !== '';
}

/** Content is there, in parts of a kind that is not known. */
function isUnreadable(message: Item): boolean {
  const { content } = message;
  return Array.isArray(content) && content.some((part) => isPart(part) && partText(part) === undefined);
}

/** True for a response that ran into a limit of tokens. `length` is what compatible servers call it. */
export function isCutOff(response: ResponseObject): boolean {
  return (
    response.status === 'incomplete' &&
    ['max_output_tokens', 'max_tokens', 'length'].includes(response.incompleteReason ?? '')
  );
}

function endedOtherwise(response: ResponseObject, { apiKey, maxOutputTokens }: ReplyFacts): ModelFailure {
  const { status, error, incompleteReason } = response;
  if (status === 'incomplete' && incompleteReason === 'content_filter') {
    return new ModelFailure(
      'ModelBlocked',
      "A content filter cut the response off (content_filter). It may be the input, or a tool's output.",
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
    return new ModelFailure('ModelUnavailable', 'Somebody cancelled the response at OpenAI. It is asked for again.');
  return new ModelFailure('ModelUnavailable', `OpenAI answered with a response that has not ended (${status}).`);
}

/** A failed response may say what an HTTP error would have said; what neither code nor words tell has failed for good. */
function typeOfFailed(error: NonNullable<ResponseObject['error']>): ModelFailure['type'] {
  const known = failureOfCode(error.code);
  if (known) return known;
  const described = describeFailed(error);
  const type = failureType(described);
  if (type === 'ModelContextExceeded' || type === 'ModelBlocked' || type === 'QuotaExhausted') return type;
  if (described.status !== undefined || /^(invalid_request|unsupported_|invalid_value)/.test(error.code)) return type;
  return 'ModelResponseFailed';
}

/** The server pairs calls and outputs one to one, so a call id that stands twice is one call: nothing may get two outputs. */
function withoutDoubledCalls(output: readonly Item[]): { items: Item[]; doubled: string[] } {
  const seen = new Set<string>();
  const doubled: string[] = [];
  const items = output.filter((item) => {
    if (item.type !== 'function_call') return true;
    const id = callIdOf(item);
    const isNew = !seen.has(id);
    if (isNew) seen.add(id);
    else doubled.push(id);
    return isNew;
  });
  return { items, doubled };
}

/** A call with what compatible servers leave out or write otherwise, so that it can be answered and sent again. */
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
  return { callId: callIdOf(item), name: textField(item, 'name'), arguments: textField(item, 'arguments') };
}

function callIdOf(item: Item): string {
  const id = item['call_id'] ?? item['id'];
  if (typeof id !== 'string' || id === '')
    throw new ModelFailure(
      'ModelResponseFailed',
      `The call of "${textField(item, 'name')}" has no call_id, so it can't be answered.`,
    );
  return id;
}

/** What the model said. Where it marks a final answer, its remarks on the way are left out. */
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

/** The text of a part, whatever the server calls its kind; undefined for one without text. */
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
