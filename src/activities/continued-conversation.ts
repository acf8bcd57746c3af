import type { ConversationRef } from '../domain/conversation.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { ActivityDependencies } from './context.ts';
import { failure } from './failure.ts';

/**
 * Where the conversation of a finished run stands, for a run that goes on from it. Temporal says which entry was its
 * last; what a surface needs to go on is read from Holdpoint's database, and only from an entry of that very run. So a
 * made-up result leads to no other conversation.
 * @throws CannotContinue (fails) where there is nothing to go on from; ConversationLost (parks).
 */
export async function continuedConversation(
  { runs, transcripts }: Pick<ActivityDependencies, 'runs' | 'transcripts'>,
  from: string,
  assistant: Assistant,
): Promise<ConversationRef> {
  const refused = (because: string) =>
    failure('CannotContinue', `Nothing can continue from the run "${from}": ${because}`);
  const run = await runs.ended(from);
  if (!run) throw refused('Temporal knows no such run, or no longer. Start a run without continueFrom.');
  if (run.state === 'open') throw refused('it is still open. Send it a message, or wait for its end.');
  if (run.state !== 'completed') throw refused('it did not complete. Start a run without continueFrom.');
  if (run.conversation === null) throw refused('it has no conversation: it was a standalone approval.');
  const { entry: id, digest, bytes } = run.conversation;
  const entry = await transcripts.get(id);
  if (!entry)
    throw failure(
      'ConversationLost',
      `The transcript of the run "${from}" (entry ${id}) is not in Holdpoint's database. Point HOLDPOINT_DATABASE_URL at the database that has it, or restore it, then retry the run.`,
    );
  if (entry.runId !== from || entry.firstRunId !== run.firstRunId)
    throw refused('its result names a transcript that is not its own. Somebody made it up: see docs/security.md.');
  if (entry.assistant !== assistant.name)
    throw refused(
      `it is one of the assistant "${entry.assistant}", and this is "${assistant.name}". Another assistant has other tools and other instructions.`,
    );
  return { entry: id, digest, bytes, surface: entry.state };
}
