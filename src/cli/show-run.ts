import type { ApprovalDecision, Call, Json, Run, RunSummary } from '../client.ts';
import { plain, plainAnswer } from './plain.ts';
import { recordLines } from './show-record.ts';
import { table } from './table.ts';

/** A final answer: a string as it is, anything else as JSON. */
function answerText(output: Json): string {
  return plainAnswer(typeof output === 'string' ? output : JSON.stringify(output, null, 2));
}

/** The result of a completed run: its answer, the approved details, or the reason why the result is not known. */
export function resultText({ output, decision, detailMissing }: Run): string {
  if (decision?.outcome === 'approved') return answerText(decision.details);
  return output === null && detailMissing !== null ? detailMissing : answerText(output);
}

/** The changes of a run since `before`, one line each. */
export function changeLines(before: Run | undefined, now: Run): string[] {
  const lines: string[] = [];
  if (before === undefined)
    lines.push(now.kind === 'approval' ? `Approval ${now.id}` : `Run ${now.id}, assistant ${plain(now.assistant)}`);
  lines.push(...settledMeanwhile(before, now));
  if (now.detail && now.detail.turn !== before?.detail?.turn && now.detail.turn > 0)
    lines.push(`Turn ${now.detail.turn}`);
  const calls = now.detail?.calls ?? [];
  for (const call of calls)
    lines.push(
      ...callChangeLines(
        before?.detail?.calls.find(({ key }) => key === call.key),
        call,
        calls.length > 1 ? nameIn(calls, call) : undefined,
      ).map((line) => `  ${line}`),
    );
  const known = new Set(before?.detail?.parked.map(({ since, type }) => `${since} ${type}`));
  for (const { since, type, message } of now.detail?.parked ?? []) {
    if (!known.has(`${since} ${type}`))
      lines.push(`  parked, ${type}: ${plain(message)}`, `  once it is fixed: holdpoint runs retry ${now.id}`);
  }
  lines.push(...retryingLines(before, now).map((line) => `  ${line}`));
  const queued = now.detail?.queuedMessages ?? 0;
  if (queued > 0 && queued !== before?.detail?.queuedMessages)
    lines.push(`  ${queued} ${queued === 1 ? 'message goes' : 'messages go'} to the model with the next turn`);
  if (now.closedAt === null && now.detailMissing !== null && now.detailMissing !== before?.detailMissing)
    lines.push(`  ${now.detailMissing}`);
  return lines;
}

/** Attempts that failed since `before` and are made again. */
function retryingLines(before: Run | undefined, { retrying, detail }: Run): string[] {
  const known = new Set(before?.retrying.map(({ callKey, attempt }) => `${callKey} ${attempt}`));
  return retrying
    .filter(({ callKey, attempt }) => !known.has(`${callKey} ${attempt}`))
    .flatMap(({ activity, callKey, attempt, lastError, at, nextTryAt }) => {
      const call = detail?.calls.find(({ key }) => key === callKey);
      const subject = call?.tool ?? (activity === 'takeTurn' ? 'the turn' : activity);
      return [
        `${plain(subject)} failed: ${plain(lastError)}`,
        ...(at === null ? [] : [`  at ${plain(at)}`]),
        `  attempt ${attempt} ${nextTryAt === null ? 'runs now' : `follows at ${nextTryAt}`}${callKey === null ? '' : `, call ${plain(callKey)}`}`,
      ];
    });
}

/** Calls that ended between two states: a run drops a turn's calls when the next turn starts. */
function settledMeanwhile(before: Run | undefined, now: Run): string[] {
  if (!now.detail && now.state !== 'completed') return [];
  const still = new Set(now.detail?.calls.map(({ key }) => key));
  const calls = before?.detail?.calls ?? [];
  const gone = calls.filter(({ key, state }) => state !== 'done' && !still.has(key));
  return gone.map((call) => `  ${nameIn(calls, call)}: ${call.approval ? 'decided and settled' : 'settled'}`);
}

/** The tool of a call, with a number where the turn calls it more than once. */
function nameIn(calls: readonly Call[], { key, tool }: Call): string {
  const same = calls.filter((call) => call.tool === tool);
  return same.length > 1 ? `${plain(tool)} #${same.findIndex((call) => call.key === key) + 1}` : plain(tool);
}

const deciders = { person: 'a person', rule: 'a rule', system: 'the system' };

/** The changes of one call. `name`: set where the turn has several calls, so that each line names its call. */
function callChangeLines(before: Call | undefined, now: Call, name: string | undefined): string[] {
  const { approval, decision } = now;
  const lines: string[] = [];
  const start = name === undefined ? '  ' : `  ${name}: `;
  if (before === undefined) lines.push(`${name ?? plain(now.tool)} ${short(now.arguments)}`);
  const asked =
    approval !== null &&
    now.state === 'waiting' &&
    (before?.approval?.request !== approval.request || before.state === 'requesting');
  if (asked)
    lines.push(
      `${start}waiting for a person${approval.kind === 'outcome' ? ' (did it happen?)' : ''}: ${placeToDecide(approval)}${approval.possiblyTwo ? ' (possibly shown twice; one acts)' : ''}`,
    );
  if (asked && now.unverified !== undefined)
    lines.push(`${start}not verified: the arguments are those that the run remembers. ${plain(now.unverified)}`);
  if (decision !== null && before?.decision == null)
    lines.push(
      `${start}${decision.outcome}${decision.outcome === 'approved' && decision.edited ? ' with changes' : ''} by ${deciders[decision.by]}`,
    );
  if (now.paused && !before?.paused)
    lines.push(
      `${start}held: the assistant was paused by ${plain(now.paused.by)} at ${plain(now.paused.at)}${now.paused.reason === null ? '' : ` (${plain(now.paused.reason)})`}`,
    );
  if (now.settledAs !== null && before?.settledAs == null) lines.push(`${start}${now.settledAs}`);
  return lines;
}

function placeToDecide({ id, reviewUrl }: NonNullable<Call['approval']>): string {
  if (reviewUrl !== null) return plain(reviewUrl);
  return id === null ? 'no link' : `holdpoint approvals show ${plain(id)}`;
}

/** The end of a closed run, in one line. */
export function ending({ id, kind, state, turns, toolCalls, decision, detailMissing, failure }: Run): string {
  if (decision !== null) return decided(decision);
  if (kind === 'approval' && state === 'completed')
    return `The approval ${id} has ended, and its decision is not known. ${detailMissing ?? ''}`.trimEnd();
  if (state === 'completed')
    return `Completed: ${turns} ${turns === 1 ? 'turn' : 'turns'}, ${toolCalls} tool ${toolCalls === 1 ? 'call' : 'calls'}.`;
  if (state === 'cancelled') return `The run ${id} was cancelled.`;
  return `The run ${id} failed. ${failure ? `${failure.type}: ${plain(failure.message)}` : ''}`;
}

/** The decision of an approval, in one line. */
function decided(decision: ApprovalDecision): string {
  const by = 'by' in decision ? ` by ${deciders[decision.by]}` : '';
  const edited = decision.outcome === 'approved' && decision.modifiedDetails !== null ? ' with changes' : '';
  const note = 'note' in decision && decision.note !== null ? ` Note: ${plain(decision.note)}` : '';
  return `${decision.outcome[0]?.toUpperCase()}${decision.outcome.slice(1)}${edited}${by}.${note}`;
}

/** One run with all its facts. */
export function runPage(run: Run): string {
  const facts: Array<[string, string]> = [
    [run.kind === 'approval' ? 'approval' : 'run', run.id],
    ['state', run.state],
    ['assistant', plain(run.assistant)],
    ...(typeof run.caller === 'string' ? [['caller', plain(run.caller)] as [string, string]] : []),
    [run.kind === 'approval' ? 'summary' : 'input', plain(run.summary)],
    ['started', run.startedAt],
    ...(run.closedAt === null ? [] : [['closed', run.closedAt] as [string, string]]),
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const recorded = run.record ? recordLines(run.record, run.detail?.turn) : [];
  const steps = [...recorded, ...changeLines(undefined, run).slice(1)];
  const end =
    run.closedAt === null
      ? []
      : [
          ending(run),
          ...(run.state === 'completed' && (run.decision === null || run.decision.outcome === 'approved')
            ? [resultText(run)]
            : []),
        ];
  return [
    ...facts.map(([name, value]) => `${name.padEnd(width)}  ${value}`),
    ...(steps.length > 0 ? ['', ...steps] : []),
    ...(end.length > 0 ? ['', ...end] : []),
  ].join('\n');
}

/** Runs as a table. */
export function runTable(runs: readonly RunSummary[]): string {
  return table(
    ['run', 'state', 'assistant', 'caller', 'started', 'input'],
    runs.map((run) => [
      run.id,
      run.state,
      plain(run.assistant),
      plain(run.caller ?? ''),
      run.startedAt,
      cut(plain(run.summary), 60),
    ]),
  );
}

function short(value: Json): string {
  return cut(plain(JSON.stringify(value)), 200);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
