import {
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  defineSignal,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { TurnResult } from '../domain/activities.ts';
import type { DecisionHint } from '../domain/decision.ts';
import type { MessagesView, UserMessage } from '../domain/user-message.ts';
import {
  askedSignal,
  decidedSignal,
  messageSignal,
  messagesQuery,
  retrySignal,
  runQuery,
} from '../domain/wire-names.ts';
import {
  defaultMaxTurns,
  type CallProgress,
  type RunInput,
  type RunProgress,
  type RunResult,
  type RunView,
} from '../domain/run.ts';
import type { CallOutput } from '../domain/tool-call.ts';
import { takeTurn } from './activities.ts';
import { answerAsked } from './answer-asked.ts';
import { traceOf } from './trace-of.ts';
import { noteHint, noteQuestion, standaloneCall, startCall } from './call-progress.ts';
import { messagesView, queueMessage, takeMessages } from './messages.ts';
import { EarlyHints } from './early-hints.ts';
import { withParking } from './parking.ts';
import { ContinueAsNewGate } from './continue-as-new-gate.ts';
import { progressOf } from './run-input.ts';
import { runView } from './run-view.ts';
import { isResting, settleCall } from './settle-call.ts';
import { RunVisibility } from './run-visibility.ts';
import { withdrawOpen } from './withdraw-open.ts';

const decided = defineSignal<[DecisionHint]>(decidedSignal);
const asked = defineSignal<[DecisionHint]>(askedSignal);
const retry = defineSignal(retrySignal);
const message = defineSignal<[UserMessage]>(messageSignal);
const run = defineQuery<RunView>(runQuery);
const messages = defineQuery<MessagesView | null, [string]>(messagesQuery);

/**
 * One Run, from the user's input to the final answer. Each turn asks the model, settles its tool calls (a risky one
 * after a person's decision) and sends their outputs back with the user's new messages. The run ends when the model
 * answers and no message is queued. A standalone approval is a Run of one call and no turn.
 */
export async function holdpointRun(input: RunInput): Promise<RunResult> {
  const progress = progressOf(input);
  if (input.approval && !input.carried)
    progress.calls = [startCall(standaloneCall(input.approval, input.input), 0, progress)];
  const visibility = new RunVisibility(input.assistant, progress);
  // The calls of the last turn, which the Query `run` shows until the next turn has calls.
  let settled: RunProgress['calls'] = [];
  const earlyHints = new EarlyHints();
  const heedHint = (note: (progress: RunProgress, hint: unknown) => boolean) => (hint: unknown) => {
    if (!note(progress, hint) && input.localRequests === true) earlyHints.keep(() => note(progress, hint));
  };
  setHandler(decided, heedHint(noteHint), {
    description: 'A hint that a call may be decided. The decision is read at the review service.',
  });
  setHandler(asked, heedHint(noteQuestion), {
    description: 'A hint that a reviewer asked a question on a call. The question is read at the review service.',
  });
  setHandler(retry, () => unpark(progress), { description: 'Resumes a parked run: the cause is fixed.' });
  setHandler(
    message,
    (sent) => {
      // A standalone approval has no model to send it to.
      if (input.approval) return;
      queueMessage(progress, sent);
      visibility.describe();
    },
    { description: 'A message of the user to this run.' },
  );
  setHandler(messages, (id) => (input.approval ? null : messagesView(progress, id)), {
    description: 'The number of queued messages, and the digest of one message by its id.',
  });
  setHandler(run, () => runView(input, progress, settled), { description: 'The state of this run.' });

  try {
    for (;;) {
      if (progress.calls.length > 0) {
        await settleTurn(input, progress, visibility);
        progress.next = { outputs: progress.calls.map(outputOf), messages: [] };
        settled = progress.calls;
        progress.calls = [];
      }
      if (input.approval) {
        visibility.close(settled);
        return standaloneResult(progress, settled[0] as CallProgress);
      }
      if (workflowInfo().continueAsNewSuggested) await continueRun(input, progress);
      takeMessages(progress);
      const turn = await nextTurn(input, progress, visibility);
      if (turn.outcome.type === 'answer') {
        // No await follows: Temporal does not complete a run that has an unprocessed Signal, so no message is lost.
        if (progress.messages.length === 0) {
          visibility.close(settled);
          return finished(progress, turn.conversation, turn.outcome);
        }
        progress.next = { outputs: [], messages: [] };
        continue;
      }
      progress.calls = turn.outcome.calls.map((call, position) => startCall(call, position, progress));
      earlyHints.heed();
    }
  } catch (error) {
    if (!(error instanceof ContinueAsNew)) {
      const withdrawn = await CancellationScope.nonCancellable(() => withdrawOpen(input, progress));
      visibility.end(withdrawn);
    }
    visibility.close(progress.calls.length > 0 ? progress.calls : settled, error);
    throw error;
  }
}

/** One round trip with the model. The transcript stays in the database. */
async function nextTurn(input: RunInput, progress: RunProgress, visibility: RunVisibility): Promise<TurnResult> {
  const turn = progress.turn + 1;
  const result = await withParking(
    progress,
    new ContinueAsNewGate(() => false),
    () => visibility.update(),
    () =>
      takeTurn.executeWithOptions({ summary: `Turn ${turn}` }, [
        {
          assistant: input.assistant,
          context: input.context ?? null,
          turn,
          conversation: progress.conversation,
          input: progress.next,
          firstRunId: workflowInfo().firstExecutionRunId,
          ...traceOf(input),
          ...(turn === 1 && input.continueFrom !== undefined && { continueFrom: input.continueFrom }),
        },
      ]),
  );
  const maxTurns = input.maxTurns ?? result.maxTurns ?? defaultMaxTurns;
  if (turn - progress.turnsBefore >= maxTurns && result.outcome.type === 'calls') {
    throw ApplicationFailure.nonRetryable(
      `After ${maxTurns} turns the model still asks for tools. Raise maxTurns of the run or of the assistant "${input.assistant}", or check the run's turns for a loop.`,
      'MaxTurnsExceeded',
    );
  }
  progress.turn = turn;
  progress.conversation = result.conversation;
  return result;
}

/** Settles all calls of the turn concurrently. Continues as new while they wait if the history has grown long. */
async function settleTurn(input: RunInput, progress: RunProgress, visibility: RunVisibility): Promise<void> {
  // Calls whose questions an Activity answers now.
  const answering = new Set<CallProgress>();
  const gate = new ContinueAsNewGate(
    () => workflowInfo().continueAsNewSuggested && answering.size === 0 && progress.calls.every(isResting),
  );
  const scope = new CancellationScope();
  const settlings = progress.calls.map((call) =>
    scope.run(() => settleCall({ input, progress, call, visibility, gate })),
  );
  for (const call of progress.calls)
    void scope.run(() => answerAsked({ input, progress, call, gate, answering })).catch(() => undefined);
  try {
    if ((await gate.endOf(Promise.all(settlings))) === 'continue-as-new') await continueRun(input, progress);
  } catch (error) {
    // Cancelled, or one call ends the run: running tools are aborted and end before requests are withdrawn.
    if (!(error instanceof ContinueAsNew)) {
      scope.cancel();
      await CancellationScope.nonCancellable(() => Promise.allSettled(settlings));
    }
    throw error;
  }
}

async function continueRun(input: RunInput, progress: RunProgress): Promise<never> {
  // Temporal does not pass a cancellation on to the next run, so one that arrives now would be lost.
  const { consideredCancelled, cancelRequested } = CancellationScope.current();
  if (consideredCancelled) await cancelRequested;
  return await continueAsNew<typeof holdpointRun>({ ...input, carried: progress });
}

function outputOf(call: CallProgress): CallOutput {
  if (call.step.type !== 'done')
    throw ApplicationFailure.nonRetryable(`The call ${call.key} has no output yet.`, 'InvalidRunInput');
  return call.step.output;
}

function unpark(progress: RunProgress): void {
  delete progress.parked;
  for (const call of progress.calls) {
    if (!call.parked) continue;
    delete call.parked;
    call.retries += 1;
  }
}

/** The result of a standalone approval: its sealed decision. */
function standaloneResult({ settledCalls }: RunProgress, call: CallProgress): RunResult {
  return { kind: 'approval', output: outputOf(call).output, turns: 0, toolCalls: settledCalls, conversation: null };
}

function finished(
  progress: RunProgress,
  conversation: RunResult['conversation'],
  answer: Extract<TurnResult['outcome'], { type: 'answer' }>,
): RunResult {
  return {
    output: answer.output,
    ...(answer.refused ? { refused: true as const } : {}),
    turns: progress.turn,
    toolCalls: progress.settledCalls,
    conversation,
  };
}
