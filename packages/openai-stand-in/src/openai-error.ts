/** The body of OpenAI's errors: `{ error: … }`. */
export type OpenAIErrorBody = {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
};

/** An error that becomes an HTTP answer in OpenAI's form. */
export class OpenAIError extends Error {
  readonly status: number;
  readonly body: OpenAIErrorBody;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    body: Partial<OpenAIErrorBody> & { message: string },
    headers: Record<string, string> = {},
  ) {
    super(body.message);
    this.status = status;
    this.body = { type: 'invalid_request_error', param: null, code: null, ...body };
    this.headers = headers;
  }
}

/** 400 `invalid_request_error`. */
export function badRequest(message: string, param: string | null = null, code: string | null = null): OpenAIError {
  return new OpenAIError(400, { message, param, code });
}

/** 404 for an object that is unknown, expired, or was never stored. */
export function notFound(kind: 'Response' | 'Conversation' | 'Item', id: string): OpenAIError {
  return new OpenAIError(404, { message: `${kind} with id '${id}' not found.` });
}

export function incorrectApiKey(key: string | undefined): OpenAIError {
  const message =
    key === undefined
      ? "You didn't provide an API key. Send it in an Authorization header using Bearer auth (Authorization: Bearer YOUR_KEY)."
      : 'Incorrect API key provided: ********. You can find your API key at https://platform.openai.com/account/api-keys.';
  return new OpenAIError(401, { message, code: key === undefined ? null : 'invalid_api_key' });
}

export function modelNotFound(model: string): OpenAIError {
  return new OpenAIError(404, {
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    code: 'model_not_found',
  });
}

export function previousResponseNotFound(id: string, status: 400 | 404 = 400): OpenAIError {
  return new OpenAIError(status, {
    message: `Previous response with id '${id}' not found.`,
    param: 'previous_response_id',
    code: 'previous_response_not_found',
  });
}

export function conversationLocked(): OpenAIError {
  return badRequest(
    'Another process is currently operating on this conversation. Please retry in a few seconds.',
    'conversation',
    'conversation_locked',
  );
}
