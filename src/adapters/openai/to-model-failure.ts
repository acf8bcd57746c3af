import { APIConnectionError, APIConnectionTimeoutError, APIError, OpenAIError } from 'openai';
import { ModelFailure } from '../../domain/model-failure.ts';
import { describeError } from './described-error.ts';
import type { DescribedError } from './described-error.ts';
import { failureType } from './failure-type.ts';
import { redacted } from './redacted.ts';
import { openaiRetryAfterMs } from './openai-retry-after.ts';

/** Facts for the sentences of a failure. */
export type FailureFacts = { apiKey: string; model: string | null; now: () => number };

/** Advice for a conversation that is too long. */
export const contextAdvice =
  "Set a model with a larger context in the assistant, or modelSettings.truncation: 'auto' where the server has it, restart the worker, then retry the run.";
/** Advice for a refused request. */
const refusalAdvice =
  "Run `holdpoint doctor --model` to list the settings that the server accepts. Change modelSettings or the tools' schemas, restart the worker, then retry the run.";

/** Maps an error of OpenAI, of its answer or of the connection to the failure that a run sees. Returns other errors as they are. */
export function toModelFailure(error: unknown, facts: FailureFacts): unknown {
  if (error instanceof ModelFailure) return error;
  const described = describeError(error);
  if (described && error instanceof APIError && !(error instanceof APIConnectionError)) {
    const type = failureType(described);
    const wait = openaiRetryAfterMs(error.headers, facts.now());
    // The cause is dropped, since it holds the request's headers and the server's unredacted text.
    return new ModelFailure(type, sentence(type, described, facts), wait === undefined ? {} : { retryAfterMs: wait });
  }
  if (error instanceof APIConnectionTimeoutError)
    return new ModelFailure('ModelUnavailable', 'OpenAI did not answer in time.');
  if (error instanceof OpenAIError || error instanceof SyntaxError || isBrokenConnection(error)) {
    return new ModelFailure(
      'ModelUnavailable',
      `OpenAI could not be reached, or the connection broke: ${redacted(rootCause(error), facts.apiKey)}`,
    );
  }
  // Reading an answer whose fields have other types than OpenAI's ends so.
  if (error instanceof TypeError || error instanceof RangeError)
    return new ModelFailure(
      'ModelUnavailable',
      `OpenAI's answer can't be read (${redacted(error.message, facts.apiKey)}). Is OPENAI_BASE_URL the address of an OpenAI-compatible API?`,
      { cause: error },
    );
  return error;
}

function sentence(
  type: ModelFailure['type'],
  { status, code, text }: DescribedError,
  { apiKey, model }: FailureFacts,
): string {
  const said = `OpenAI answered ${status ?? 'with an error'}${code ? ` (${code})` : ''}: ${redacted(text, apiKey)}`;
  switch (type) {
    case 'ModelAccessDenied':
      return `OPENAI_API_KEY was refused. Check the key, its project and its permissions. ${said}`;
    case 'QuotaExhausted':
      return `The account behind OPENAI_API_KEY has no quota left, or billing is not active. ${said}`;
    case 'ModelRetired':
      return `The model${model === null ? '' : ` "${model}"`} or the address was not found. Check the assistant's model and OPENAI_BASE_URL. ${said}`;
    case 'ModelBlocked':
      return `The content was refused: the run's input or a tool's output. ${said}`;
    case 'ModelContextExceeded':
      return `The conversation exceeds the context of ${model === null ? 'the model' : `the model "${model}"`}. ${contextAdvice} ${said}`;
    case 'ModelRequestRefused':
      return `The request was refused. ${refusalAdvice} ${said}`;
    default:
      return said;
  }
}

function isBrokenConnection(error: unknown): boolean {
  return (
    error instanceof TypeError && (error.cause !== undefined || /terminated|fetch failed|network/i.test(error.message))
  );
}

function rootCause(error: unknown): string {
  let deepest = error as Error;
  while (deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest.message || deepest.name;
}
