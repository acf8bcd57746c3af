import type { CallProgress, CallView, Parked, RunInput, RunProgress, RunView } from '../domain/run.ts';
import { openRequest } from './call-progress.ts';

/** `parked` before `waiting` before `running`: the state that needs a person comes first. */
export function stateOf(progress: RunProgress): RunView['state'] {
  if (parkedOf(progress).length > 0) return 'parked';
  return progress.calls.some((call) => openRequest(call) || isPausing(call) || call.paused) ? 'waiting' : 'running';
}

/** Answers the `run` Query. Between turns it shows the calls of the last turn (`settled`). */
export function runView({ assistant, approval }: RunInput, progress: RunProgress, settled: CallProgress[]): RunView {
  const calls = progress.calls.length > 0 ? progress.calls : settled;
  return {
    ...(approval && { kind: 'approval' as const }),
    state: stateOf(progress),
    assistant,
    turn: progress.turn,
    calls: calls.map(callView),
    parked: parkedOf(progress),
    queuedMessages: progress.messages.length,
  };
}

/** All reasons for which the run is parked. */
export function parkedOf(progress: RunProgress): Parked[] {
  return [progress, ...progress.calls].flatMap(({ parked }) => parked ?? []);
}

function isPausing(call: CallProgress): boolean {
  return call.step.type === 'request' && call.step.notBefore !== undefined;
}

function callView(progress: CallProgress): CallView {
  const { call, key, step, decision, deadlineAt, waitingSince } = progress;
  const request = progress.requests.at(-1);
  return {
    key,
    callId: call.callId,
    tool: call.tool,
    arguments: call.arguments,
    state: progress.parked
      ? 'parked'
      : ({ request: 'requesting', wait: 'waiting', settle: 'settling', done: 'done' } as const)[step.type],
    ...(request && {
      approval: {
        request: request.number,
        kind: request.kind,
        ...(request.id === undefined ? {} : { id: request.id }),
        ...(request.reviewUrl === undefined ? {} : { reviewUrl: request.reviewUrl }),
        ...(request.possiblyTwo ? { possiblyTwo: request.possiblyTwo } : {}),
        ...(waitingSince === undefined ? {} : { waitingSince }),
        ...(deadlineAt === undefined ? {} : { deadlineAt }),
      },
    }),
    ...(progress.questions && { questions: progress.questions }),
    ...(progress.paused && { paused: progress.paused }),
    ...(decision && { decision }),
    ...(step.type === 'done' && { settledAs: step.as }),
  };
}
