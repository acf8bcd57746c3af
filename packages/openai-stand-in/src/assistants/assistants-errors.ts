import { badRequest, OpenAIError } from '../openai-error.ts';
import type { RunStatus } from './run.ts';

/** Errors of the Assistants API with OpenAI's texts, as users reported them. */

export function nothingFound(kind: 'assistant' | 'thread' | 'message' | 'run' | 'run step', id: string): OpenAIError {
  return new OpenAIError(404, { message: `No ${kind} found with id '${id}'.` });
}

export function messageWhileActive(threadId: string, runId: string): OpenAIError {
  return badRequest(`Can't add messages to ${threadId} while a run ${runId} is active.`);
}

export function runWhileActive(threadId: string, runId: string): OpenAIError {
  return badRequest(`Thread ${threadId} already has an active run ${runId}.`);
}

export function noOutputsAccepted(status: RunStatus): OpenAIError {
  return badRequest(`Runs in status "${status}" do not accept tool outputs.`);
}

export function cannotCancel(status: RunStatus): OpenAIError {
  return badRequest(`Cannot cancel run with status '${status}'.`);
}

export function missingToolCallId(position: number): OpenAIError {
  return badRequest(
    `1 validation error for Request\nbody -> tool_outputs -> ${position} -> tool_call_id\n  field required (type=value_error.missing)`,
  );
}

export function otherOutputsExpected(expected: readonly string[], got: readonly string[]): OpenAIError {
  const list = (ids: readonly string[]) => `[${ids.map((id) => `'${id}'`).join(', ')}]`;
  return badRequest(`Expected tool outputs for call_ids ${list(expected)}, got ${list(got)}`);
}

export function betaHeaderMissing(): OpenAIError {
  return badRequest(
    "You must provide the 'OpenAI-Beta' header to access the Assistants API. Please try again by setting the header 'OpenAI-Beta: assistants=v2'.",
    null,
    'invalid_beta',
  );
}

/** The answer of every path since the end of the Assistants API. */
export function retired(method: string, path: string): OpenAIError {
  return new OpenAIError(404, { message: `Invalid URL (${method} ${path})` });
}
