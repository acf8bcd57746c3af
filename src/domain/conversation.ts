import type { Json } from '@holdpoint/json';

/**
 * Where a run's conversation stands: a reference that the Workflow carries and never looks into. `entry` names the
 * newest transcript entry in Holdpoint's database; a surface adds what it needs to go on (a response id, a thread id).
 */
export type ConversationRef = { entry: string; digest: string; bytes: number; surface: { [key: string]: Json } };
