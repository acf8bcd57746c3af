import type { ConversationRef } from '../domain/conversation.ts';
import { ownExecution, type ActivityDependencies } from './context.ts';
import { failure } from './failure.ts';
import type { TranscriptEntry } from './ports.ts';

type Reading = Pick<ActivityDependencies, 'transcripts'>;

/**
 * The entry that an Activity's input names. Undefined when it is not in the database.
 * @throws ForeignCall for an entry of another run. A run that continues another one adds own entries behind the other
 * run's.
 */
export async function ownEntry(
  { transcripts }: Reading,
  { entry: id }: ConversationRef,
  firstRunId: string,
): Promise<TranscriptEntry | undefined> {
  const { workflowId } = ownExecution();
  const entry = await transcripts.get(String(id));
  if (entry === undefined || (entry.runId === workflowId && entry.firstRunId === firstRunId)) return entry;
  throw failure(
    'ForeignCall',
    `The transcript entry ${JSON.stringify(id)} is not one of the run ${workflowId} (first run id ${firstRunId}).`,
  );
}

/**
 * The conversation that a turn goes on with. The state of the surface, such as a response or thread id, comes from the
 * database, so a made-up id leads to no other conversation.
 * @throws ForeignCall for a conversation of another run; ConversationLost (parks).
 */
export async function ownConversation(
  dependencies: Reading,
  conversation: ConversationRef | null,
  firstRunId: string,
): Promise<ConversationRef | null> {
  if (conversation === null) return null;
  const entry = await ownEntry(dependencies, conversation, firstRunId);
  if (entry) return { ...conversation, surface: entry.state };
  throw failure(
    'ConversationLost',
    `The transcript of this run (entry ${JSON.stringify(conversation.entry)}) is not in Holdpoint's database. Point HOLDPOINT_DATABASE_URL at the database that has it, or restore it, then retry the run.`,
  );
}
