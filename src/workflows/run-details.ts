import { ApplicationFailure, ContinueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow';
import { codeSpan, escapeMarkdown } from '../domain/markdown.ts';
import type { CallProgress, Pause, RunProgress } from '../domain/run.ts';
import { openRequest } from './call-progress.ts';
import { parkedOf, stateOf } from './run-view.ts';

/** The state of an open run as Markdown, for Temporal's Web UI. */
export function detailsOf(assistant: string, progress: RunProgress): string {
  const parked = parkedOf(progress).map(
    ({ type, message, since }) =>
      `- **parked, ${type}** since ${time(since)}: ${oneLine(message)} Then: \`holdpoint runs retry ${workflowInfo().workflowId}\``,
  );
  const queued = progress.messages.length > 0 ? [`- queued messages: ${progress.messages.length}`] : [];
  return [
    `**${stateOf(progress)}** · ${subject(assistant, progress)}`,
    [...parked, ...progress.calls.flatMap(callLine), ...queued].join('\n'),
    ...(progress.calls.some(openRequest) ? [remembered] : []),
  ].join('\n\n');
}

/** Anyone who can write to Temporal can change what a run remembers. */
const remembered =
  'Arguments and links are those that the run remembers. A decision covers what the review service shows.';

/** How a run ended, for the details of a closed run. `error`: the error that ends it, or continues it as new. */
export function endDetailsOf(assistant: string, progress: RunProgress, error?: unknown): string {
  const counts = `${progress.settledCalls} tool ${progress.settledCalls === 1 ? 'call' : 'calls'}`;
  const [state, says] = endOf(error);
  const decision = progress.calls[0]?.call.kind === 'approval' ? progress.calls[0].decision : undefined;
  const decided = decision && `**${decision.outcome}** by ${'by' in decision ? decision.by : 'the system'}`;
  return [`**${state}** · ${subject(assistant, progress)} · ${counts}`, decided, says]
    .filter((part) => part !== undefined)
    .join('\n\n');
}

function endOf(error: unknown): [state: string, says?: string] {
  if (error === undefined) return ['completed'];
  if (error instanceof ContinueAsNew) return ['continued', 'The next run of this Workflow id goes on.'];
  if (isCancellation(error)) return ['cancelled'];
  if (!(error instanceof Error)) return ['failed'];
  const type = error instanceof ApplicationFailure ? (error.type ?? error.name) : error.name;
  return ['failed', `${type}: ${oneLine(error.message)}`];
}

function subject(assistant: string, { calls, turn }: RunProgress): string {
  return calls.some(({ call }) => call.kind === 'approval')
    ? 'a standalone approval'
    : `assistant ${oneLine(assistant)} · turn ${turn}`;
}

/** A call that is held or waits for a decision: since when, until when, where to decide, its arguments. */
function callLine(call: CallProgress): string[] {
  const name = `- **${oneLine(call.call.tool)}**`;
  if (call.paused) return [`${name} is held: ${pauseText(call.paused)}: ${argumentsOf(call)}`];
  const request = openRequest(call);
  if (!request) return [];
  const { waitingSince, deadlineAt } = call;
  const link =
    request.reviewUrl && /^https?:\/\/[^\s()<>]+$/.test(request.reviewUrl)
      ? ` — [review it](${request.reviewUrl})`
      : '';
  const twice = request.possiblyTwo ? ' (possibly two requests at the review server)' : '';
  const since = waitingSince === undefined ? '' : ` since ${time(waitingSince)}`;
  const until = deadlineAt === undefined ? '' : `, until ${time(deadlineAt)}`;
  return [`${name} waits for a decision${since}${until}${link}${twice}: ${argumentsOf(call)}`];
}

function pauseText({ by, at, reason }: Pause): string {
  return `the assistant was paused by ${oneLine(by)} at ${oneLine(at)}${reason === null ? '' : ` (${oneLine(reason)})`}`;
}

function argumentsOf({ call }: CallProgress): string {
  if (call.arguments.type !== 'inline') return `${call.arguments.bytes} bytes of arguments`;
  const text = JSON.stringify(call.arguments.value);
  return codeSpan(text.length > 300 ? `${text.slice(0, 300)} …` : text);
}

function time(milliseconds: number): string {
  return new Date(milliseconds)
    .toISOString()
    .replace(/:\d\d\.\d+Z$/, ' UTC')
    .replace('T', ' ');
}

/** A name or message from outside as one short line of Markdown. */
function oneLine(text: string): string {
  return escapeMarkdown(text).replaceAll(/\s+/g, ' ').slice(0, 500);
}
