import {
  conversationLocked,
  incorrectApiKey,
  modelNotFound,
  OpenAIError,
  type OpenAIErrorBody,
} from '../openai-error.ts';
import type { AnswerFault, FaultOf } from './fault.ts';

type ErrorShape = FaultOf<'error_shape'>['shape'];

function retryAfter(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}

function errorOf(fault: AnswerFault, model: string): OpenAIError {
  switch (fault.kind) {
    case 'rate_limit':
      return new OpenAIError(
        429,
        {
          message: `Rate limit reached for ${model} on requests per min. Please try again later.`,
          type: 'requests',
          code: 'rate_limit_exceeded',
        },
        retryAfter(fault.retryAfterSeconds),
      );
    case 'insufficient_quota':
      return new OpenAIError(429, {
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      });
    case 'invalid_api_key':
      return incorrectApiKey('');
    case 'permission_denied':
      return new OpenAIError(403, {
        message: 'You do not have permission to perform this action.',
        type: 'permission_error',
        code: 'permission_denied',
      });
    case 'model_not_found':
      return modelNotFound(model);
    case 'request_timeout':
      return new OpenAIError(408, { message: 'Request timed out.', type: 'timeout_error' });
    case 'conflict':
      return new OpenAIError(409, {
        message: 'The request conflicts with another one. Please try again.',
        type: 'conflict_error',
      });
    case 'conversation_locked':
      return conversationLocked();
    case 'server_error':
      return new OpenAIError(500, {
        message: 'The server had an error while processing your request. Sorry about that!',
        type: 'server_error',
      });
    case 'overloaded':
      return new OpenAIError(
        503,
        {
          message: 'The engine is currently overloaded, please try again later.',
          type: 'server_error',
          code: 'server_is_overloaded',
        },
        retryAfter(fault.retryAfterSeconds),
      );
    case 'status':
    default:
      return new OpenAIError(
        fault.status,
        {
          message: `Answered ${fault.status} on demand.`,
          ...(fault.type === undefined ? {} : { type: fault.type }),
          ...(fault.code === undefined ? {} : { code: fault.code }),
          ...(fault.param === undefined ? {} : { param: fault.param }),
        },
        retryAfter(fault.retryAfterSeconds),
      );
  }
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>>): Response {
  return Response.json(body, { status, headers });
}

/** An error as an HTTP answer with a body of the given shape. */
export function errorAnswer(
  status: number,
  error: OpenAIErrorBody,
  headers: Readonly<Record<string, string>> = {},
  shape: ErrorShape = 'openai',
): Response {
  switch (shape) {
    case 'openai':
      return json(status, { error }, headers);
    case 'detail':
      return json(status, { detail: error.message }, headers);
    case 'message':
      return json(status, { message: error.message }, headers);
    case 'html':
      return new Response(`<html><body><h1>${status}</h1></body></html>`, {
        status,
        headers: { ...headers, 'content-type': 'text/html' },
      });
    case 'empty':
    default:
      return new Response(null, { status, headers });
  }
}

/** The answer of a fault that replaces processing. */
export function faultAnswer(fault: AnswerFault, model: string): Response {
  const error = errorOf(fault, model);
  const headers = { ...error.headers, ...fault.headers };
  if (fault.kind === 'status' && fault.body !== undefined) return json(fault.status, fault.body, headers);
  return errorAnswer(
    error.status,
    { ...error.body, ...(fault.message === undefined ? {} : { message: fault.message }) },
    headers,
    fault.shape,
  );
}
