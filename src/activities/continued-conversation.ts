import type { ConversationRef } from '../domain/conversation.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { ActivityDependencies } from './context.ts';
import { failure } from './failure.ts';
import { openCallsOf, outcomesOfOpenCalls, wasActedOn } from './open-calls.ts';
import type { TranscriptEntry, TurnRequest } from './ports.ts';

type Dependencies = Pick<ActivityDependencies, 'runs' | 'transcripts' | 'effects' | 'requests'>;

/** Where a conversation goes on, and what became of calls that its last run left open. */
export type Continued = { conversation: ConversationRef; outputs: TurnRequest['input']['outputs'] };

/**
 * Where the conversation of a finished run stands, for a run that goes on from it. Temporal says which entry was its
 * last, or that it failed; what a surface needs to go on is read from Holdpoint's database, and only from an entry of
 * that very run. So a made-up result leads to no other conversation.
 * @throws CannotContinue (fails) where there is nothing to go on from; ConversationLost (parks).
 */
export async function continuedConversation(
  dependencies: Dependencies,
  from: string,
  assistant: Assistant,
): Promise<Continued> {
  const { runs, transcripts } = dependencies;
  const refused = (because: string) =>
    failure('CannotContinue', `Nothing can continue from the run "${from}": ${because}`);
  const run = await runs.ended(from);
  if (!run) throw refused('Temporal knows no such run, or no longer. Start a run without continueFrom.');
  if (run.state === 'open') throw refused('it is still open. Send it a message, or wait for its end.');
  if (run.state === 'not-completed') throw refused('it was cancelled or stopped. Start a run without continueFrom.');

  let entry: TranscriptEntry | undefined;
  let reference: { digest: string; bytes: number } | undefined;
  if (run.state === 'failed') {
    entry = await lastEntry(dependencies, from, run.firstRunId);
    if (!entry) throw refused('it failed before the model had answered. Start a run without continueFrom.');
  } else {
    if (run.conversation === null) throw refused('it has no conversation: it was a standalone approval.');
    const { entry: id, digest, bytes } = run.conversation;
    reference = { digest, bytes };
    entry = await transcripts.get(id);
    if (!entry)
      throw failure(
        'ConversationLost',
        `The transcript of the run "${from}" (entry ${id}) is not in Holdpoint's database. Point HOLDPOINT_DATABASE_URL at the database that has it, or restore it, then retry the run.`,
      );
  }
  if (entry.runId !== from || entry.firstRunId !== run.firstRunId)
    throw refused('its result names a transcript that is not its own. Somebody made it up: see docs/security.md.');
  if (entry.assistant !== assistant.name)
    throw refused(
      `it is one of the assistant "${entry.assistant}", and this is "${assistant.name}". Another assistant has other tools and other instructions.`,
    );
  // Appending an entry as it is writes nothing and says what it is referred to by.
  const { digest, bytes } = reference ?? (await transcripts.append(entry));
  return {
    conversation: { entry: entry.id, digest, bytes, surface: entry.state },
    outputs: run.state === 'failed' ? await outcomesOfOpenCalls(dependencies, assistant, entry) : [],
  };
}

/** The entry that a failed run stood at. Of several for its newest turn it is the one whose calls were acted on. */
async function lastEntry(
  dependencies: Dependencies,
  runId: string,
  firstRunId: string,
): Promise<TranscriptEntry | undefined> {
  const entries = await dependencies.transcripts.newestOf(runId, firstRunId);
  if (entries.length > 1) {
    for (const entry of entries) {
      const acted = await Promise.all(openCallsOf(entry).map((call) => wasActedOn(dependencies, call)));
      if (acted.includes(true)) return entry;
    }
  }
  return entries[0];
}
