import { OpenAI } from 'openai';
import { withLargestAnswer } from './largest-answer.ts';
import { withReadableErrors } from './readable-errors.ts';
import { withTraceHeaders } from './with-trace-headers.ts';

/** The connection to OpenAI or a compatible server. */
export type OpenAIConnection = {
  apiKey: string;
  /** @default 'https://api.openai.com/v1' */
  baseURL?: string | undefined;
  organization?: string | undefined;
  project?: string | undefined;
  /** Milliseconds to wait for the start of an answer that is not streamed. @default 600_000 */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds of silence after which a stream fails, before its first event and between two, and each call of the
   * Assistants API. @default 180_000
   */
  silenceMs?: number | undefined;
  fetch?: typeof fetch | undefined;
};

const defaultTimeoutMs = 10 * 60 * 1000;
const defaultSilenceMs = 3 * 60 * 1000;

/** The longest silence of a stream, in milliseconds. */
export function longestSilenceMs({
  silenceMs = defaultSilenceMs,
  timeoutMs = defaultTimeoutMs,
}: OpenAIConnection): number {
  return Math.min(silenceMs, timeoutMs);
}

/**
 * Creates the OpenAI client. It reads no environment variable, logs nothing and leaves retries to Temporal. The
 * client's built-in retries would repeat a POST without an idempotency key.
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
    fetch: withReadableErrors(withLargestAnswer(withTraceHeaders(connection.fetch ?? fetch))),
  });
}
