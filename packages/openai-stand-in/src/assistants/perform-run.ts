import { newId } from '../ids.ts';
import type { Reply, ScriptInput } from '../scripts/script.ts';
import type { RequiredCall, RunObject } from './run.ts';

/** The result of a model turn in a run. */
export type RunOutcome = {
  readonly status: 'completed' | 'incomplete' | 'failed' | 'requires_action';
  readonly message: {
    readonly content: readonly unknown[];
    readonly text: string;
    readonly status: 'completed' | 'incomplete';
    readonly reason: string | null;
  } | null;
  readonly calls: readonly RequiredCall[];
  readonly lastError: RunObject['last_error'];
  readonly incompleteReason: string | null;
};

const noOutcome: Omit<RunOutcome, 'status'> = { message: null, calls: [], lastError: null, incompleteReason: null };

/** The run's reason for a token limit, by the Responses API's reason in a script. */
const runReasons: Readonly<Record<string, string>> = {
  max_output_tokens: 'max_completion_tokens',
  max_tokens: 'max_completion_tokens',
};
/** The message's reason for a cut, by the run's reason. */
const messageReasons: Readonly<Record<string, string>> = {
  max_completion_tokens: 'max_tokens',
  max_prompt_tokens: 'max_tokens',
};

function messageOf({ text, refusal }: Reply, reason: string | null): RunOutcome['message'] {
  if (text === undefined && refusal === undefined) return null;
  const said = text === undefined || reason === null ? text : text.slice(0, Math.ceil(text.length / 2));
  const content = [
    ...(said === undefined ? [] : [{ type: 'text', text: { value: said, annotations: [] } }]),
    ...(refusal === undefined ? [] : [{ type: 'refusal', refusal }]),
  ];
  return {
    content,
    text: said ?? refusal ?? '',
    status: reason === null ? 'completed' : 'incomplete',
    reason: reason === null ? null : (messageReasons[reason] ?? reason),
  };
}

function callOf({
  name,
  arguments: given = {},
  callId = newId('call'),
}: NonNullable<Reply['calls']>[number]): RequiredCall {
  return {
    id: callId,
    type: 'function',
    function: { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) },
  };
}

/** Converts a script's reply to the result of a run. A run that is cut off asks for no calls. */
export function performRun(reply: Reply, { model, maxOutputTokens }: ScriptInput): RunOutcome {
  if (reply.failed !== undefined) {
    const { code, message = 'The model failed on demand.' } = reply.failed;
    return { ...noOutcome, status: 'failed', lastError: { code, message } };
  }
  if (reply.modelRetired === true)
    return {
      ...noOutcome,
      status: 'failed',
      lastError: { code: 'server_error', message: `The model \`${model}\` does not exist.` },
    };
  const isShort =
    reply.minOutputTokens !== undefined && maxOutputTokens !== null && maxOutputTokens < reply.minOutputTokens;
  const given = isShort ? 'max_completion_tokens' : reply.incomplete;
  const reason = given === undefined ? null : (runReasons[given] ?? given);
  const message = messageOf(reply, reason);
  if (reason !== null) return { ...noOutcome, status: 'incomplete', message, incompleteReason: reason };
  const calls = (reply.calls ?? []).map(callOf);
  return { ...noOutcome, status: calls.length > 0 ? 'requires_action' : 'completed', message, calls };
}
