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
import { callKey } from '../domain/call-key.ts';
import type { DecisionHint } from '../domain/decision.ts';
import type { MessagesView, UserMessage } from '../domain/user-message.ts';
import { decidedSignal, messageSignal, messagesQuery, retrySignal, runQuery } from '../domain/wire-names.ts';
import {
  defaultMaxTurns,
  type CallProgress,
  type RunInput,
  type RunProgress,
  type RunResult,
  type RunView,
} from '../domain/run.ts';
import type { CallOutput, PlannedCall } from '../domain/tool-call.ts';
import { takeTurn } from './activities.ts';
import { standaloneCall, decidedResult } from './standalone-approval.ts';
import { hearMessage, messagesView, takeMessages } from './messages.ts';
import { noteHint } from './decision-hint.ts';
import { withdrawOpen } from './open-approvals.ts';
import { withParking } from './parking.ts';
import { refuseRepeat } from './repeats.ts';
import { ContinueAsNewGate } from './continue-as-new-gate.ts';
import { progressOf } from './run-input.ts';
import { runView } from './run-view.ts';
import { isResting, settleCall } from './settle-call.ts';
import { RunVisibility } from './run-visibility.ts';

const decided = defineSignal<[DecisionHint]>(decidedSignal);
const retry = defineSignal(retrySignal);
const message = defineSignal<[UserMessage]>(messageSignal);
const run = defineQuery<RunView>(runQuery);
const messages = defineQuery<MessagesView | null, [string]>(messagesQuery);

/**
 * One Run: from the user's input to the final answer. Turn after turn, the model is asked, each of its tool calls is
 * settled (a risky one after a person's decision), and the outputs go back, with what the user said since, until the
 * model answers and nothing more was said. A standalone approval is a Run of one call and no turn.
 */
export async function holdpointRun(input: RunInput): Promise<RunResult> {
  const progress = progressOf(input);
  if (input.approval && !input.carried)
    progress.calls = [planned(standaloneCall(input.approval, input.input), 0, progress)];
  const visibility = new RunVisibility(input.assistant, progress);
  // For people who watch: how the last turn's calls ended, until the next turn has calls of its own.
  let settled: RunProgress['calls'] = [];
  setHandler(decided, (hint) => noteHint(progress, hint), {
    description: 'News of a decision. Carries none: it is read at its source.',
  });
  setHandler(retry, () => unpark(progress), { description: 'Somebody mended what parked this run.' });
  setHandler(
    message,
    (said) => {
      // A standalone approval has nobody to tell it to.
      if (input.approval) return;
      hearMessage(progress, said);
      visibility.describe();
    },
    { description: 'Something that the user says to this run.' },
  );
  setHandler(messages, (id) => (input.approval ? null : messagesView(progress, id)), {
    description: 'Whether a message came, and how many wait.',
  });
  setHandler(run, () => runView(input, progress, settled), { description: 'Where this run stands.' });

  try {
    for (;;) {
      if (progress.calls.length > 0) {
        await settleTurn(input, progress, visibility);
        progress.next = { outputs: progress.calls.map(outputOf), messages: [] };
        settled = progress.calls;
        progress.calls = [];
      }
      if (input.approval) return decidedResult(progress, outputOf(settled[0] as CallProgress));
      if (workflowInfo().continueAsNewSuggested) await continueRun(input, progress);
      takeMessages(progress);
      const turn = await nextTurn(input, progress, visibility);
      if (turn.outcome.type === 'answer') {
        // Without an await from here to the end: Temporal ends no run over a message that this code has not seen.
        if (progress.messages.length === 0) return finished(progress, turn.conversation, turn.outcome);
        progress.next = { outputs: [], messages: [] };
        continue;
      }
      progress.calls = turn.outcome.calls.map((call, position) => planned(call, position, progress));
    }
  } catch (error) {
    if (!(error instanceof ContinueAsNew)) {
      const withdrawn = await CancellationScope.nonCancellable(() => withdrawOpen(input.assistant, progress));
      visibility.end(withdrawn);
    }
    throw error;
  }
}

/** Asks the model. Its answer or its calls come back; the transcript stays in the database. */
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
          ...(turn === 1 && input.continueFrom !== undefined && { continueFrom: input.continueFrom }),
        },
      ]),
  );
  const maxTurns = input.maxTurns ?? result.maxTurns ?? defaultMaxTurns;
  if (turn - progress.turnsBefore >= maxTurns && result.outcome.type === 'calls') {
    throw ApplicationFailure.nonRetryable(
      `After ${maxTurns} turns the model still asks for tools. Raise maxTurns of the run or of the assistant "${input.assistant}", or look for a loop in the run's turns.`,
      'MaxTurnsExceeded',
    );
  }
  progress.turn = turn;
  progress.conversation = result.conversation;
  return result;
}

/** Settles all calls of the open turn side by side; continues as new in the middle of it if the history grows long. */
async function settleTurn(input: RunInput, progress: RunProgress, visibility: RunVisibility): Promise<void> {
  const gate = new ContinueAsNewGate(() => workflowInfo().continueAsNewSuggested && progress.calls.every(isResting));
  const scope = new CancellationScope();
  const settlings = progress.calls.map((call) =>
    scope.run(() => settleCall({ input, progress, call, visibility, gate })),
  );
  try {
    if ((await gate.endOf(Promise.all(settlings))) === 'leave') await continueRun(input, progress);
  } catch (error) {
    // Cancelled, or one call ends the run: running tools are told and waited for, before anything is withdrawn.
    if (!(error instanceof ContinueAsNew)) {
      scope.cancel();
      await CancellationScope.nonCancellable(() => Promise.allSettled(settlings));
    }
    throw error;
  }
}

async function continueRun(input: RunInput, progress: RunProgress): Promise<never> {
  // Temporal hands no cancellation on to the next run: one that came in this very moment would be lost.
  const { consideredCancelled, cancelRequested } = CancellationScope.current();
  if (consideredCancelled) await cancelRequested;
  return await continueAsNew<typeof holdpointRun>({ ...input, carried: progress });
}

function planned(call: PlannedCall, position: number, progress: RunProgress): CallProgress {
  const { firstExecutionRunId } = workflowInfo();
  const key = callKey({ firstRunId: firstExecutionRunId, turn: progress.turn, position, callId: call.callId });
  const fresh = {
    call,
    key,
    position,
    requests: [],
    news: false,
    looks: 0,
    systemRejections: 0,
    retries: 0,
    lost: [],
    ...(progress.supersede && { supersede: progress.supersede }),
  };
  const answer = call.plan.type === 'answer' ? call.plan.output : refuseRepeat(call, progress);
  if (answer !== undefined) {
    const output: CallOutput = { callId: call.callId, key, output: answer, obtainedAt: Date.now() };
    return { ...fresh, step: { type: 'done', as: call.plan.type === 'answer' ? 'answered' : 'repeated', output } };
  }
  if (call.plan.type === 'review')
    return { ...fresh, step: { type: 'request', arguments: call.arguments, kind: 'call' } };
  return { ...fresh, step: { type: 'settle' } };
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
