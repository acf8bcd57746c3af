import { APIError } from 'openai';

/** What an error of the OpenAI client says, in one form. */
export type DescribedError = { status: number | undefined; code: string; type: string; param: string; text: string };

/** Reads an error of the OpenAI client; undefined for any other error. Compatible servers put numbers into `code`. */
export function describeError(error: unknown): DescribedError | undefined {
  if (!(error instanceof APIError)) return undefined;
  const body = error.error as { message?: unknown } | undefined;
  const text = typeof body?.message === 'string' ? body.message : error.message;
  return { status: error.status, code: word(error.code), type: word(error.type), param: word(error.param), text };
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

const absent = /not found|does not exist|doesn't exist|no such|unknown|expired|could not be found|gone/i;

/** The response to continue is not there: deleted, expired, never stored, or of another project. */
export function isPreviousResponseGone(error: unknown, responseId: string): boolean {
  const described = describeError(error);
  if (!described) return false;
  if (described.code === 'previous_response_not_found') return true;
  if (described.status === 404) return !isAboutModel(described);
  const names =
    described.param === 'previous_response_id' ||
    described.text.includes(responseId) ||
    /previous[ _]response/i.test(described.text);
  return described.status === 400 && names && absent.test(described.text);
}

/** Items that were sent again are refused: encrypted reasoning, or ids of items that the server does not keep. */
export function isReplayRefused(error: unknown): boolean {
  const described = describeError(error);
  if (!described || ![400, 404, 422].includes(described.status ?? 0)) return false;
  return (
    described.code === 'invalid_encrypted_content' ||
    /encrypted|reasoning|item with id|not persisted|expected an id|duplicate item/i.test(described.text)
  );
}

/** Calls and outputs don't pair up: one is missing, doubled, or belongs to another parent. */
export function isPairingRefused(error: unknown): boolean {
  const described = describeError(error);
  return described?.status === 400 && /no tool (output|call) found/i.test(described.text);
}

/** The conversation is not there any more. */
export function isConversationGone(error: unknown): boolean {
  const described = describeError(error);
  return (described?.status === 404 && !isAboutModel(described)) || described?.code === 'conversation_not_found';
}

/** Another request works on the conversation: HTTP 400, but one that passes. */
export function isConversationLocked({ code, text }: DescribedError): boolean {
  return code === 'conversation_locked' || /another process is currently operating on this conversation/i.test(text);
}

/** The model is unknown: `model_not_found`, or a compatible server's words for it. */
export function isAboutModel({ code, param, text }: DescribedError): boolean {
  return (
    /model_not_found|model_not_available|deploymentnotfound/i.test(code) ||
    (param === 'model' && absent.test(text)) ||
    (/\b(model|deployment)\b/i.test(text) && absent.test(text) && !/previous|response|conversation/i.test(text))
  );
}

/** 404 for an object that was asked for by its id. */
export function isNotFound(error: unknown): boolean {
  return describeError(error)?.status === 404;
}
