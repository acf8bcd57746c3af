import { z } from 'zod';
import { metadataSchema } from '../responses/request-schema.ts';

const object = z.looseObject({});
const metadata = metadataSchema.nullish();

const functionTool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z
      .string()
      .max(64)
      .regex(/^[a-zA-Z0-9_-]+$/),
    description: z.string().nullish(),
    parameters: object.nullish(),
    strict: z.boolean().nullish(),
  }),
});
const tool = z.discriminatedUnion('type', [
  functionTool,
  z.looseObject({ type: z.literal('code_interpreter') }),
  z.looseObject({ type: z.literal('file_search') }),
]);
export type AssistantsTool = z.infer<typeof tool>;

const responseFormat = z.union([
  z.literal('auto'),
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string(),
      description: z.string().optional(),
      schema: object.optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const sampling = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  response_format: responseFormat.nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
};

const assistantFields = {
  name: z.string().max(256).nullish(),
  description: z.string().max(512).nullish(),
  instructions: z.string().max(256_000).nullish(),
  tools: z.array(tool).max(128).optional(),
  tool_resources: object.nullish(),
  metadata,
  ...sampling,
};
/** The body of `POST /v1/assistants`. */
export const createAssistantSchema = z.strictObject({ model: z.string().min(1), ...assistantFields });
export const updateAssistantSchema = z.strictObject({ model: z.string().min(1).optional(), ...assistantFields });

const part = z.union([
  z.strictObject({ type: z.literal('text'), text: z.string().max(256_000) }),
  z.looseObject({ type: z.enum(['image_file', 'image_url']) }),
]);
/** The body of `POST /v1/threads/{thread}/messages`. OpenAI accepts 256,000 characters of text. */
export const createMessageSchema = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.union([z.string().min(1).max(256_000), z.array(part).min(1)]),
  attachments: z.array(object).nullish(),
  metadata,
});
export type CreateMessageRequest = z.infer<typeof createMessageSchema>;

export const createThreadSchema = z.strictObject({
  messages: z.array(createMessageSchema).max(32).optional(),
  tool_resources: object.nullish(),
  metadata,
});
export type CreateThreadRequest = z.infer<typeof createThreadSchema>;

/** The body that changes a thread, a message or a run. Only metadata can change. */
export const updateMetadataSchema = z.strictObject({ metadata, tool_resources: object.nullish() });

const toolChoice = z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]);
const runFields = {
  assistant_id: z.string().min(1),
  model: z.string().min(1).nullish(),
  instructions: z.string().max(256_000).nullish(),
  tools: z.array(tool).max(20).nullish(),
  tool_choice: toolChoice.nullish(),
  parallel_tool_calls: z.boolean().optional(),
  max_prompt_tokens: z.number().int().min(256).nullish(),
  max_completion_tokens: z.number().int().min(256).nullish(),
  truncation_strategy: z
    .strictObject({ type: z.enum(['auto', 'last_messages']), last_messages: z.number().int().min(1).nullish() })
    .nullish(),
  stream: z.boolean().nullish(),
  metadata,
  ...sampling,
};
/** The body of `POST /v1/threads/{thread}/runs`. */
export const createRunSchema = z.strictObject({
  ...runFields,
  additional_instructions: z.string().nullish(),
  additional_messages: z.array(createMessageSchema).nullish(),
});
export type CreateRunRequest = z.infer<typeof createRunSchema>;
/** The body of `POST /v1/threads/runs`. */
export const createThreadAndRunSchema = z.strictObject({
  ...runFields,
  thread: createThreadSchema.optional(),
  tool_resources: object.nullish(),
});

export const submitOutputsSchema = z.strictObject({
  tool_outputs: z.array(z.strictObject({ tool_call_id: z.string().optional(), output: z.string().optional() })).min(1),
  stream: z.boolean().nullish(),
});
export type SubmitOutputsRequest = z.infer<typeof submitOutputsSchema>;
