import { z } from 'zod';
import type { Item } from '../item.ts';

const longestOutput = 10_485_760;
const callId = z.string().min(1).max(64);
const status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();
const caller = z.looseObject({ type: z.string() }).nullish();

/** OpenAI accepts an item's id only with the prefix of its kind. */
function idOf(prefix: string) {
  return z.string().refine((id) => id.startsWith(prefix), { params: { prefix } });
}

const contentPart = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('input_text'), text: z.string() }),
  z.looseObject({ type: z.literal('output_text'), text: z.string() }),
  z.looseObject({ type: z.literal('refusal'), refusal: z.string() }),
  z.looseObject({ type: z.literal('input_image') }),
  z.looseObject({ type: z.literal('input_file') }),
  z.looseObject({ type: z.literal('input_audio') }),
]);

const message = z.strictObject({
  type: z.literal('message'),
  role: z.enum(['assistant', 'system', 'developer', 'user']),
  content: z.union([z.string(), z.array(contentPart)]),
  id: idOf('msg').nullish(),
  status,
  phase: z.enum(['commentary', 'final_answer']).nullish(),
});

const functionCall = z.strictObject({
  type: z.literal('function_call'),
  call_id: callId,
  name: z.string().min(1),
  arguments: z.string(),
  id: idOf('fc').nullish(),
  status,
  namespace: z.string().nullish(),
  async: z.boolean().nullish(),
  caller,
});

const functionCallOutput = z.strictObject({
  type: z.literal('function_call_output'),
  call_id: callId,
  output: z.union([z.string().max(longestOutput), z.array(contentPart)]),
  id: idOf('fc').nullish(),
  status,
  name: z.string().nullish(),
  namespace: z.string().nullish(),
  caller,
});

const reasoning = z.strictObject({
  type: z.literal('reasoning'),
  id: idOf('rs'),
  summary: z.array(z.strictObject({ type: z.literal('summary_text'), text: z.string() })),
  content: z.array(z.looseObject({ type: z.literal('reasoning_text'), text: z.string() })).nullish(),
  encrypted_content: z.string().nullish(),
  status,
});

const mcpApprovalResponse = z.strictObject({
  type: z.literal('mcp_approval_response'),
  approval_request_id: z.string().min(1),
  approve: z.boolean(),
  reason: z.string().nullish(),
  id: z.string().nullish(),
});

/** Item types that are stored without checks of their fields. */
const carriedTypes = [
  'additional_tools',
  'apply_patch_call',
  'apply_patch_call_output',
  'code_interpreter_call',
  'compaction',
  'compaction_trigger',
  'computer_call',
  'computer_call_output',
  'configuration_update',
  'custom_tool_call',
  'custom_tool_call_output',
  'file_search_call',
  'image_generation_call',
  'local_shell_call',
  'local_shell_call_output',
  'mcp_approval_request',
  'mcp_call',
  'mcp_list_tools',
  'program',
  'program_output',
  'shell_call',
  'shell_call_output',
  'tool_search_call',
  'tool_search_output',
  'web_search_call',
] as const;

const item = z.discriminatedUnion('type', [
  message,
  functionCall,
  functionCallOutput,
  reasoning,
  mcpApprovalResponse,
  z.strictObject({ type: z.literal('item_reference'), id: z.string().min(1) }),
  ...carriedTypes.map((type) => z.looseObject({ type: z.literal(type) })),
]);

/** An item of a request's `input`. Without a `type` it is a message, as at OpenAI. */
export const inputItemSchema = z
  .preprocess(
    (value) =>
      typeof value === 'object' && value !== null && !('type' in value) ? { type: 'message', ...value } : value,
    item,
  )
  .transform((value): Item => {
    const { id, ...rest } = value as Item;
    return typeof id === 'string' ? { ...rest, id } : rest;
  });

/** A request's `input`: a text, or a list of items. */
export const inputSchema = z.union([z.string(), z.array(inputItemSchema)]);
