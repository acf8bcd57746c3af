import OpenAI, { APIError } from 'openai';
import { onTestFinished } from 'vitest';
import { startOpenAIStandIn, type OpenAIStandIn, type StartStandInOptions } from '../src/start-openai-stand-in.ts';

/** A stand-in on a free port with OpenAI's own client, which does not retry; closed when the test ends. */
export async function startForTest(
  options: StartStandInOptions = {},
): Promise<OpenAIStandIn & { readonly openai: OpenAI }> {
  const standIn = await startOpenAIStandIn(options);
  onTestFinished(() => standIn.close());
  return {
    ...standIn,
    openai: new OpenAI({ apiKey: options.apiKey ?? 'test-key', baseURL: standIn.url, maxRetries: 0 }),
  };
}

/** Returns the error that the client threw. Fails if it threw none, or another kind. */
export async function apiErrorOf(call: Promise<unknown>): Promise<APIError> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof APIError) return thrown;
  throw new Error('The call did not fail with an error of the API.', { cause: thrown });
}

/** A strict function tool whose parameters are all strings. */
export function tool(name: string, ...parameters: string[]): OpenAI.Responses.FunctionTool {
  return {
    type: 'function',
    name,
    strict: true,
    parameters: {
      type: 'object',
      properties: Object.fromEntries(parameters.map((key) => [key, { type: 'string' }])),
      required: parameters,
      additionalProperties: false,
    },
  };
}

/** The function calls of a response. */
export function callsOf(response: OpenAI.Responses.Response): readonly OpenAI.Responses.ResponseFunctionToolCall[] {
  return response.output.filter((item) => item.type === 'function_call');
}

/** The only function call of a response. */
export function callOf(response: OpenAI.Responses.Response): OpenAI.Responses.ResponseFunctionToolCall {
  const [call, ...more] = callsOf(response);
  if (call === undefined || more.length > 0)
    throw new Error(`Expected one call, got ${more.length + (call === undefined ? 0 : 1)}.`);
  return call;
}

/** The answer to a call, as input of the next request. */
export function answer(call: { call_id: string }, output: string): OpenAI.Responses.ResponseInputItem {
  return { type: 'function_call_output', call_id: call.call_id, output };
}
