import { CancellationScope, condition, isCancellation, log, patched } from '@temporalio/workflow';
import type { CallProgress, RunInput, RunProgress } from '../domain/run.ts';
import { answerQuestions } from './activities.ts';
import type { ContinueAsNewGate } from './continue-as-new-gate.ts';
import { callReference } from './settle-call.ts';
import { traceOf } from './trace-of.ts';

type Answering = {
  input: RunInput;
  progress: RunProgress;
  call: CallProgress;
  gate: ContinueAsNewGate;
  /** Has the call while an Activity answers. */
  answering: Set<CallProgress>;
};

/**
 * Answers the reviewers' questions on one call, each time that a hint came, until the call is done. The call waits for
 * its decision meanwhile. A failure parks nothing: the question stays unanswered.
 */
export async function answerAsked({ input, progress, call, gate, answering }: Answering): Promise<void> {
  const isDone = (): boolean => call.step.type === 'done';
  // The id of a request may not be known before. Runs of earlier versions read it at once, and found nothing.
  const isReadable = (): boolean => call.requests.length > 0 || input.localRequests !== true;
  for (;;) {
    await gate.until(() => (call.asks === true && isReadable()) || isDone());
    if (isDone()) return;
    delete call.asks;
    // Workers of earlier versions ignore the Signal. It is asked only after one, so that no other history has the marker.
    if (!patched('reviewer-questions')) continue;
    answering.add(call);
    const scope = new CancellationScope();
    try {
      const answered = scope.run(() =>
        answerQuestions.executeWithOptions({ summary: `${call.call.tool} · ${call.call.callId} · question` }, [
          {
            assistant: input.assistant,
            call: callReference(call, input),
            conversation: progress.conversation,
            ...traceOf(input),
          },
        ]),
      );
      const ended = condition(isDone);
      ended.catch(() => undefined);
      // A decision does not wait for the model.
      void ended.then(
        () => scope.cancel(),
        () => undefined,
      );
      call.questions = await answered;
    } catch (error) {
      if (isCancellation(error)) return;
      log.warn('The questions of a reviewer could not be answered. The call keeps waiting.', {
        callKey: call.key,
        error,
      });
    } finally {
      answering.delete(call);
    }
  }
}
