import { workflowInfo } from '@temporalio/workflow';
import type { CallProgress, CallView, Parked, Pause, RunInput, RunProgress, RunView } from '../domain/run.ts';
import { escapeMarkdown } from '../domain/markdown.ts';
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

/** The state of the run as Markdown, for Temporal's Web UI. */
export function detailsOf(assistant: string, progress: RunProgress): string {
  const waiting = progress.calls.flatMap((call) => {
    if (call.paused)
      return [`- **${oneLine(call.call.tool)}** is held: ${pauseText(call.paused)}: ${argumentsOf(call)}`];
    const request = openRequest(call);
    if (!request) return [];
    const link =
      request.reviewUrl && /^https?:\/\/[^\s()<>]+$/.test(request.reviewUrl)
        ? ` — [review it](${request.reviewUrl})`
        : '';
    const twice = request.possiblyTwo ? ' (possibly two requests at the review server)' : '';
    return [`- **${oneLine(call.call.tool)}** waits for a decision${link}${twice}: ${argumentsOf(call)}`];
  });
  const parked = parkedOf(progress).map(
    ({ type, message }) =>
      `- **parked, ${type}:** ${oneLine(message)} Then: \`holdpoint runs retry ${workflowInfo().workflowId}\``,
  );
  const queued = progress.messages.length > 0 ? [`- queued messages: ${progress.messages.length}`] : [];
  const what = progress.calls.some(({ call }) => call.kind === 'approval')
    ? 'a standalone approval'
    : `assistant ${oneLine(assistant)} · turn ${progress.turn}`;
  return [`**${stateOf(progress)}** · ${what}`, [...parked, ...waiting, ...queued].join('\n')].join('\n\n');
}

function parkedOf(progress: RunProgress): Parked[] {
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
    ...(progress.paused && { paused: progress.paused }),
    ...(decision && { decision }),
    ...(step.type === 'done' && { settledAs: step.as }),
  };
}

function pauseText({ by, at, reason }: Pause): string {
  return `the assistant was paused by ${oneLine(by)} at ${oneLine(at)}${reason === null ? '' : ` (${oneLine(reason)})`}`;
}

function argumentsOf({ call }: CallProgress): string {
  const text =
    call.arguments.type === 'inline'
      ? JSON.stringify(call.arguments.value)
      : `${call.arguments.bytes} bytes of arguments`;
  return oneLine(text.length > 300 ? `${text.slice(0, 300)} …` : text);
}

/** A name or message from outside as one short line of Markdown. */
function oneLine(text: string): string {
  return escapeMarkdown(text).replaceAll(/\s+/g, ' ').slice(0, 500);
}
