import { z } from 'zod';
import { inputItemSchema, inputSchema } from './item-schema.ts';

const object = z.looseObject({});

/** At most 16 pairs. A key has at most 64 characters and a value at most 512. */
export const metadataSchema = z
  .record(z.string().max(64), z.string().max(512))
  .refine((metadata) => Object.keys(metadata).length <= 16, { params: { atMostProperties: 16 } });

const functionTool = z.strictObject({
  type: z.literal('function'),
  name: z
    .string()
    .max(64)
    .regex(/^[a-zA-Z0-9_-]+$/),
  parameters: object.nullish(),
  strict: z.boolean().nullish(),
  description: z.string().nullish(),
  allowed_callers: z.array(z.string()).nullish(),
  async: z.boolean().optional(),
  defer_loading: z.boolean().optional(),
  output_schema: object.nullish(),
});

const hostedTools = [
  'apply_patch',
  'code_interpreter',
  'computer',
  'computer_use_preview',
  'custom',
  'file_search',
  'image_generation',
  'local_shell',
  'mcp',
  'namespace',
  'programmatic_tool_calling',
  'shell',
  'tool_search',
  'web_search',
  'web_search_2025_08_26',
  'web_search_preview',
  'web_search_preview_2025_03_11',
] as const;

const tool = z.discriminatedUnion('type', [
  functionTool,
  ...hostedTools.map((type) => z.looseObject({ type: z.literal(type) })),
]);

const textFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: z
      .string()
      .max(64)
      .regex(/^[a-zA-Z0-9_-]+$/),
    schema: object,
    strict: z.boolean().nullish(),
    description: z.string().optional(),
  }),
]);

const includable = [
  'file_search_call.results',
  'web_search_call.results',
  'web_search_call.action.sources',
  'message.input_image.image_url',
  'computer_call_output.output.image_url',
  'code_interpreter_call.outputs',
  'reasoning.encrypted_content',
  'message.output_text.logprobs',
] as const;

/** The body of `POST /v1/responses`. Unknown keys are refused, as at OpenAI. */
export const createResponseSchema = z.strictObject({
  model: z.string().min(1),
  input: inputSchema.optional(),
  access_programs: object.nullish(),
  background: z.boolean().nullish(),
  context_management: z.array(object).nullish(),
  conversation: z.union([z.string().min(1), z.strictObject({ id: z.string().min(1) })]).nullish(),
  image: object.nullish(),
  include: z.array(z.enum(includable)).nullish(),
  instructions: z.string().nullish(),
  max_output_tokens: z.number().int().min(16).nullish(),
  max_tool_calls: z.number().int().min(1).nullish(),
  metadata: metadataSchema.nullish(),
  moderation: object.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  previous_response_id: z.string().nullish(),
  prompt: object.nullish(),
  prompt_cache_key: z.string().nullish(),
  prompt_cache_options: object.nullish(),
  prompt_cache_retention: z.enum(['in_memory', '24h']).nullish(),
  reasoning: z
    .strictObject({
      context: z.enum(['auto', 'current_turn', 'all_turns']).nullish(),
      effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
      mode: z.string().nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  safety_identifier: z.string().max(64).nullish(),
  service_tier: z.string().nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.boolean().optional() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  text: z
    .strictObject({ format: textFormat.optional(), verbosity: z.enum(['low', 'medium', 'high']).nullish() })
    .nullish(),
  tool_choice: z.union([z.enum(['none', 'auto', 'required']), z.looseObject({ type: z.string() })]).nullish(),
  tools: z.array(tool).nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  user: z.string().nullish(),
});
export type CreateResponseRequest = z.infer<typeof createResponseSchema>;

/** The bodies of `POST /v1/conversations` and the routes below it. At most 20 items per request. */
export const createConversationSchema = z.strictObject({
  items: z.array(inputItemSchema).max(20).nullish(),
  metadata: metadataSchema.nullish(),
});
export const updateConversationSchema = z.strictObject({ metadata: metadataSchema.nullable() });
export const addItemsSchema = z.strictObject({ items: z.array(inputItemSchema).max(20) });
