import type { OpenAI } from 'openai';
import { ModelFailure } from '../../../domain/model-failure.ts';
import { describeError, isAboutModel } from '../described-error.ts';

/** A run locks the thread: it works or waits for outputs. */
export function isThreadLocked(error: unknown): boolean {
  const described = describeError(error);
  return (
    described !== undefined &&
    [400, 409].includes(described.status ?? 0) &&
    /while a run\b.* is active|already has an active run/i.test(described.text)
  );
}

/** The run does not accept outputs now. Compatible servers word this differently. */
export function isSubmitRefused(error: unknown): boolean {
  const described = describeError(error);
  return (
    described !== undefined &&
    [400, 409].includes(described.status ?? 0) &&
    /do(es)? not accept tool outputs|cannot submit tool outputs/i.test(described.text)
  );
}

/** 404 or 410 for an object other than the model. */
export function isGone(error: unknown): boolean {
  const described = describeError(error);
  return described !== undefined && [404, 410].includes(described.status ?? 0) && !isAboutModel(described);
}

/** Finds the cause of a 404. `api`: the server has no Assistants API. */
export async function whatIsGone(
  client: OpenAI,
  threadId: string | null,
  signal: AbortSignal,
): Promise<'api' | 'thread' | 'other'> {
  if (await answersGone(client.beta.assistants.list({ limit: 1 }, { signal }))) return 'api';
  return threadId !== null && (await answersGone(client.beta.threads.retrieve(threadId, { signal })))
    ? 'thread'
    : 'other';
}

async function answersGone(look: PromiseLike<unknown>): Promise<boolean> {
  try {
    await look;
    return false;
  } catch (error) {
    if (isGone(error)) return true;
    throw error;
  }
}

/**
 * The failure for a server without the Assistants API. It parks the run, so its decisions stay. The Responses API
 * continues from the saved transcript, or another address may still have the thread.
 */
export function assistantsRetired(assistant: string): ModelFailure {
  return new ModelFailure(
    'ModelRetired',
    `The server has no Assistants API: every path answers 404. OpenAI ended it on 2026-08-26. Write api: 'responses' in the assistant "${assistant}", restart the worker, then retry the run. It continues from its saved transcript. Or set OPENAI_BASE_URL to a server that has the Assistants API.`,
  );
}
