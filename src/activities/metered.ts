import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { RunActivities } from '../domain/activities.ts';
import { failureEffect } from '../domain/failures.ts';
import type { ReconcileActivities } from '../domain/reconcile.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { ModelSurface } from './ports.ts';
import type { ActivityName, RunMeter } from './run-meter.ts';

type Activities = RunActivities & ReconcileActivities;

/** The Activities, with their results and failures counted. */
export function meteredActivities(activities: Activities, meter: RunMeter): Activities {
  return {
    takeTurn: counted('takeTurn', async (input) => {
      const result = await activities.takeTurn(input);
      if (result.outcome.type === 'calls')
        for (const { tool, plan } of result.outcome.calls)
          if (plan.type === 'answer') meter.callSettled({ tool, as: 'answered' });
      return result;
    }),
    requestApproval: counted('requestApproval', async (input) => {
      const result = await activities.requestApproval(input);
      if (result.status !== 'deferred') meter.approvalRequested({ tool: input.call.tool, kind: input.kind });
      return result;
    }),
    settleToolCall: counted('settleToolCall', async (input) => {
      const result = await activities.settleToolCall(input);
      const { tool } = input.call;
      if (result.type === 'settled') meter.callSettled({ tool, as: result.as });
      if (result.type === 'unknown') meter.outcomeUnknown({ tool });
      return result;
    }),
    withdrawApproval: counted('withdrawApproval', (input) => activities.withdrawApproval(input)),
    answerQuestions: counted('answerQuestions', (input) => activities.answerQuestions(input)),
    reconcile: counted('reconcile', async (input) => {
      const result = await activities.reconcile(input);
      meter.reconciled({ read: result.looked, signalled: result.told, withdrawn: result.withdrawn });
      return result;
    }),
  };

  function counted<Input, Result>(activity: ActivityName, act: (input: Input) => Promise<Result>) {
    return async (input: Input): Promise<Result> => {
      try {
        return await act(input);
      } catch (error) {
        if (!(error instanceof CancelledFailure)) meter.attemptFailed({ activity, reason: reasonOf(error) });
        throw error;
      }
    };
  }
}

/** The surface of an assistant, with the time of each turn. */
export function meteredSurface(
  surfaceOf: (assistant: Assistant) => ModelSurface,
  meter: RunMeter,
): (assistant: Assistant) => ModelSurface {
  return (assistant) => {
    const surface = surfaceOf(assistant);
    return {
      answerAside: (request) => surface.answerAside(request),
      async takeTurn(request) {
        const begun = performance.now();
        const ended = (result: 'answer' | 'calls' | 'failed') =>
          meter.turnEnded({
            assistant: assistant.name,
            model: modelOf(assistant),
            result,
            seconds: (performance.now() - begun) / 1000,
          });
        try {
          const reply = await surface.takeTurn(request);
          ended(reply.outcome.type);
          return reply;
        } catch (error) {
          ended('failed');
          throw error;
        }
      },
    };
  };
}

/** An assistant of the Assistants API may leave its model to the server. */
export function modelOf({ model }: Pick<Assistant, 'model'>): string {
  return model ?? "the server's";
}

/** Only Holdpoint's own types, so that no text from outside becomes a label. */
function reasonOf(error: unknown): string | undefined {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  return failureEffect(type) === undefined ? undefined : (type ?? undefined);
}
