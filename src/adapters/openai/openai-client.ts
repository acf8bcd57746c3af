import { OpenAI } from 'openai';
import { withLargestAnswer } from './largest-answer.ts';
import { withReadableErrors } from './readable-errors.ts';

/** How to reach OpenAI or a compatible server. */
export type OpenAIConnection = {
  apiKey: string;
  /** Default `https://api.openai.com/v1`. */
  baseURL?: string | undefined;
  organization?: string | undefined;
  project?: string | undefined;
  /** How long to wait for an answer to begin, and for the next piece of one that streams. Default 10 minutes. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
};

export const defaultTimeoutMs = 10 * 60 * 1000;

/**
 * The OpenAI client as Holdpoint uses it: it reads no environment, prints nothing and never retries by itself. Its own
 * retries would repeat a POST without an idempotency key, beneath Temporal's.
 */
export function createOpenAIClient(connection: OpenAIConnection): OpenAI {
  return new OpenAI({
    apiKey: connection.apiKey,
    adminAPIKey: null,
    baseURL: connection.baseURL ?? 'https://api.openai.com/v1',
    organization: connection.organization ?? null,
    project: connection.project ?? null,
    webhookSecret: null,
    maxRetries: 0,
    timeout: connection.timeoutMs ?? defaultTimeoutMs,
    logLevel: 'off',
    fetch: withReadableErrors(withLargestAnswer(connection.fetch ?? fetch)),
  });
}
