import { ApplicationFailure, ContinueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow';
import { codeSpan, escapeMarkdown } from '../domain/markdown.ts';
import type { CallProgress, DecidedCall, Pause, RunProgress } from '../domain/run.ts';
import type { SettledAs } from '../domain/tool-call.ts';
import { showTime } from '../domain/show-time.ts';
import { openRequest } from './call-progress.ts';
import { parkedOf, stateOf } from './run-view.ts';

/**
 * The state of an open run as Markdown, for Temporal's Web UI: what it waits for, since when, until when, who may decide,
 * what was decided, what failed, and what to do.
 */
export function detailsOf(assistant: string, progress: RunProgress): string {
  const parked = parkedOf(progress).map(({ type, message, since }) =>
    item(`**parked: ${type}**`, [
      ['since', showTime(since)],
      ['reason', oneLine(message)],
      ['then', codeSpan(`npx holdpoint runs retry ${workflowInfo().workflowId}`)],
    ]),
  );
  const queued = progress.messages.length > 0 ? [`queued messages: ${progress.messages.length}`] : [];
  return [
    `**${stateOf(progress)}** · ${subject(assistant, progress)}`,
    ...parked,
    ...progress.calls.flatMap(callLine),
    ...queued,
    ...decisions(progress),
    ...(progress.calls.some(openRequest) ? [remembered] : []),
  ].join('\n\n');
}

/** A sentence with a list of facts. Temporal's Web UI shows no list in a list. */
function item(head: string, facts: Array<[name: string, value: string | undefined]>): string {
  const lines = facts.flatMap(([name, value]) => (value === undefined ? [] : [`- ${name}: ${value}`]));
  return `${head}\n\n${lines.join('\n')}`;
}

/** Anyone who can write to Temporal can change what a run remembers. */
const remembered =
  'Arguments and links are those that the run remembers. A decision covers what the review service shows.';

/** How a run ended, for the details of a closed run. `error`: the error that ends it, or continues it as new. */
export function endDetailsOf(assistant: string, progress: RunProgress, error?: unknown): string {
  const counts = `${progress.settledCalls} tool ${progress.settledCalls === 1 ? 'call' : 'calls'}`;
  const [state, says] = endOf(error);
  return [`**${state}** · ${subject(assistant, progress)} · ${counts}`, ...(says ?? []), ...decisions(progress)].join(
    '\n\n',
  );
}

/** The newest decisions of the run, with the names of those who decided. */
function decisions({ decided = [] }: RunProgress): string[] {
  return decided.length === 0 ? [] : [`**Decisions**\n\n${decided.map(decidedLine).join('\n')}`];
}

function decidedLine({ tool, decision, by, as }: DecidedCall): string {
  const { outcome, decidedAt } = decision;
  const edited = outcome === 'approved' && decision.edited ? ' with changes' : '';
  const decider = by ?? { person: 'a person', rule: 'a rule', system: 'the system' }[decision.by];
  const at = decidedAt === null ? Number.NaN : Date.parse(decidedAt);
  const when = Number.isNaN(at) ? '' : ` at ${showTime(at)}`;
  return `- **${oneLine(tool)}** was ${outcome}${edited} by ${oneLine(decider)}${when}${afterwards[as] ?? ''}`;
}

/** What became of a decided call. */
const afterwards: { [as in SettledAs]?: string } = {
  ran: ', and it ran',
  failed: ', and it failed for good: the model was told',
  confirmed: ', and it happened',
  'given-up': '. Its outcome is unknown: the model was told',
};

function endOf(error: unknown): [state: string, says?: string[]] {
  if (error === undefined) return ['completed'];
  if (error instanceof ContinueAsNew) return ['continued', ['The next run of this Workflow id goes on.']];
  if (isCancellation(error)) return ['cancelled'];
  if (!(error instanceof Error)) return ['failed'];
  const type = error instanceof ApplicationFailure ? (error.type ?? error.name) : error.name;
  return ['failed', [`${type}: ${oneLine(error.message)}`]];
}

function subject(assistant: string, { calls, turn }: RunProgress): string {
  return calls.some(({ call }) => call.kind === 'approval')
    ? 'a standalone approval'
    : `assistant ${oneLine(assistant)} · turn ${turn}`;
}

/** A call that is held or waits for a decision: where to decide, since when, until when, who, its arguments. */
function callLine(call: CallProgress): string[] {
  const name = `**${oneLine(call.call.tool)}**`;
  if (call.paused) return [`${name} is held: ${pauseText(call.paused)}: ${argumentsOf(call)}`];
  const request = openRequest(call);
  if (!request) return [];
  const { waitingSince, deadlineAt } = call;
  const link =
    request.reviewUrl && /^https?:\/\/[^\s()<>]+$/.test(request.reviewUrl) ? `: [review it](${request.reviewUrl})` : '';
  const subject = request.kind === 'outcome' ? "waits for a person's word whether it happened" : 'waits for a decision';
  return [
    item(`${name} ${subject}${link}`, [
      ['since', waitingSince === undefined ? undefined : showTime(waitingSince)],
      ['until', deadlineAt === undefined ? 'no deadline' : showTime(deadlineAt)],
      ['who may decide', request.deciders === undefined ? undefined : oneLine(request.deciders)],
      ['note', request.possiblyTwo ? 'the review server may show it twice. One acts' : undefined],
      ['arguments', argumentsOf(call)],
    ]),
  ];
}

function pauseText({ by, at, reason }: Pause): string {
  return `the assistant was paused by ${oneLine(by)} at ${oneLine(at)}${reason === null ? '' : ` (${oneLine(reason)})`}`;
}

function argumentsOf({ call }: CallProgress): string {
  if (call.arguments.type !== 'inline') return `${call.arguments.bytes} bytes of arguments`;
  const text = JSON.stringify(call.arguments.value);
  return codeSpan(text.length > 300 ? `${text.slice(0, 300)} …` : text);
}

/** A name or message from outside as one short line of Markdown. */
function oneLine(text: string): string {
  return escapeMarkdown(text).replaceAll(/\s+/g, ' ').slice(0, 500);
}
