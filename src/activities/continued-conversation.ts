import type { ConversationRef } from '../domain/conversation.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { ActivityDependencies } from './context.ts';
import { failure } from './failure.ts';
import { openCallsOf, outcomesOfOpenCalls, wasActedOn } from './open-calls.ts';
import type { TranscriptEntry, TurnRequest } from './ports.ts';

type Dependencies = Pick<ActivityDependencies, 'runs' | 'transcripts' | 'effects' | 'requests'>;

/** The conversation to continue, and the outputs of calls that its last run left open. */
export type Continued = { conversation: ConversationRef; outputs: TurnRequest['input']['outputs'] };

/**
 * The conversation of a completed or failed run, for a run that continues it. Temporal names the last transcript entry
 * of a completed run. The state of the surface is read from Holdpoint's database, from an entry of that run only, so a
 * made-up result leads to no other conversation.
 * @throws CannotContinue (fails) when the run can't be continued; ConversationLost (parks).
 */
export async function continuedConversation(
  dependencies: Dependencies,
  from: string,
  assistant: Assistant,
): Promise<Continued> {
  const { runs, transcripts } = dependencies;
  const refused = (because: string) => failure('CannotContinue', `The run "${from}" can't be continued: ${because}`);
  const run = await runs.ended(from);
  if (!run) throw refused('Temporal has no run with that id, or has deleted it. Start a run without continueFrom.');
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
    throw refused('its result names the transcript of another run, so the result was made up. See docs/security.md.');
  if (entry.assistant !== assistant.name)
    throw refused(
      `it is a run of the assistant "${entry.assistant}", and this run has "${assistant.name}". Continue it with the same assistant.`,
    );
  // Appending an existing entry writes nothing and returns its reference.
  const { digest, bytes } = reference ?? (await transcripts.append(entry));
  return {
    conversation: { entry: entry.id, digest, bytes, surface: entry.state },
    outputs: run.state === 'failed' ? await outcomesOfOpenCalls(dependencies, assistant, entry) : [],
  };
}

/** The last entry of a failed run. Of several entries for its newest turn, the one whose calls were acted on. */
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
