import { APIError } from 'openai';

/** An error of a model server in one form, from OpenAI or a compatible server. */
export type DescribedError = {
  /** The HTTP status. In a stream or a failed response: the number that the server writes as its code. */
  status: number | undefined;
  code: string;
  type: string;
  param: string;
  text: string;
  /** All codes and types at any depth, in lower case. Proxies wrap the error of the server behind them. */
  codes: readonly string[];
};

/** Reads an error of the OpenAI client. Undefined for any other error. Compatible servers put numbers into `code`. */
export function describeError(error: unknown): DescribedError | undefined {
  if (!(error instanceof APIError)) return undefined;
  const body: unknown = error.error;
  const message = (body as { message?: unknown } | undefined)?.message;
  const text = typeof message === 'string' ? message : typeof body === 'string' ? body : error.message;
  return {
    status: statusOf(error.status, [error.code, ...fields(body, ['status', 'status_code', 'http_status', 'code'])]),
    code: word(error.code),
    type: word(error.type),
    param: word(error.param),
    text,
    codes: codesIn(body),
  };
}

/** Reads the `error` of a failed response. A background response reports errors there instead of by HTTP status. */
export function describeFailed(error: {
  code: string;
  message: string;
  param?: string;
  raw?: unknown;
}): DescribedError {
  const { code, message, param = '', raw } = error;
  return {
    status: statusOf(undefined, [code, ...fields(raw, ['status', 'status_code', 'code'])]),
    code: word(code),
    type: '',
    param,
    text: message,
    codes: codesIn(raw ?? { code, message }),
  };
}

/** A proxy may answer 500 and write the status of the server behind it as a code. */
function statusOf(status: number | undefined, written: readonly unknown[]): number | undefined {
  if (status !== undefined && status < 500) return status;
  const numbers = written.map(Number).filter((number) => Number.isInteger(number) && number >= 400 && number < 600);
  return numbers.find((number) => number < 500) ?? status ?? numbers[0];
}

function fields(body: unknown, names: readonly string[]): unknown[] {
  return typeof body === 'object' && body !== null ? names.map((name) => (body as Record<string, unknown>)[name]) : [];
}

/** A code in words. A numeric code is a status and gives ''. */
function word(value: unknown): string {
  return typeof value === 'string' && !/^\d+$/.test(value) ? value : '';
}

function codesIn(body: unknown): string[] {
  if (body === undefined || body === null) return [];
  const json = JSON.stringify(body).replaceAll('\\', '');
  return [...json.matchAll(/["'](?:code|type)["']\s*:\s*["']([\w.-]+)["']/g)].map(([, code]) => code!.toLowerCase());
}

/** The text without a list of the fields that the server takes: it names no refused one. */
export function withoutKnownFields(text: string): string {
  const list =
    /(expected one of|\b(supported|allowed|valid|known|permitted|accepted) (parameters|fields|properties|arguments|keys|options)\b)[^.;\n]*/gi;
  return text.replaceAll(list, '');
}

const absent = /not found|does not exist|doesn't exist|no such|unknown|expired|could not be found|gone/i;

/** The server no longer has the response to continue: deleted, expired, never stored, or of another project. */
export function isPreviousResponseGone(error: DescribedError, responseId: string): boolean {
  const { status, code, param, text } = error;
  if (code === 'previous_response_not_found') return true;
  const names = param === 'previous_response_id' || text.includes(responseId) || /previous[ _]response/i.test(text);
  if (status === 404) return !isAboutModel(error) && (!names || absent.test(text));
  // In a stream an error may come without a status.
  const mayBe = names || (status === undefined && /\bresponse\b/i.test(text));
  return [400, 410, undefined].includes(status) && mayBe && absent.test(text);
}

/** The server refused replayed items: encrypted reasoning, or ids of items that it does not keep. */
export function isReplayRefused({ status, code, text }: DescribedError): boolean {
  if (![400, 404, 422].includes(status ?? 0)) return false;
  return (
    code === 'invalid_encrypted_content' ||
    /encrypted|reasoning|item with id|not persisted|expected an id|duplicate item/i.test(text)
  );
}

/** Calls and outputs don't match: one is missing, duplicated, or belongs to another response. */
export function isPairingRefused(error: unknown): boolean {
  const described = describeError(error);
  return described?.status === 400 && /no tool (output|call) found/i.test(described.text);
}

/** The conversation was deleted or never existed. */
export function isConversationGone(error: unknown): boolean {
  const described = describeError(error);
  return (described?.status === 404 && !isAboutModel(described)) || described?.code === 'conversation_not_found';
}

/** Another request is using the conversation. OpenAI answers 400, and a retry succeeds. */
export function isConversationLocked({ code, text }: DescribedError): boolean {
  return code === 'conversation_locked' || /another process is currently operating on this conversation/i.test(text);
}

/** The model is unknown: `model_not_found`, or a compatible server's text for it. */
export function isAboutModel({ code, param, ...error }: DescribedError): boolean {
  const text = withoutKnownFields(error.text);
  return (
    /model_not_found|model_not_available|deploymentnotfound/i.test(code) ||
    (param === 'model' && absent.test(text)) ||
    (/\b(model|deployment)\b/i.test(text) && absent.test(text) && !/previous|response|conversation/i.test(text))
  );
}

/** 404 for an object requested by its id. */
export function isNotFound(error: unknown): boolean {
  return describeError(error)?.status === 404;
}
