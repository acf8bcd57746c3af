import type { Json } from '@holdpoint/json';

/**
 * A reference to a conversation, opaque to the Workflow. `entry` names the newest transcript entry in Holdpoint's database.
 * `surface` is the state of the OpenAI surface, such as a response id or a thread id.
 */
export type ConversationRef = { entry: string; digest: string; bytes: number; surface: { [key: string]: Json } };
