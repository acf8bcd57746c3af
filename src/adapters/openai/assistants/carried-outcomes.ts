import type { TranscriptEntry } from '../../../activities/ports.ts';
import type { Json, JsonObject } from '@holdpoint/json';
import { outputs } from '../../../domain/outputs.ts';
import type { Item } from '../responses/response-object.ts';
import { textField } from '../responses/response-object.ts';

/** The outcome of one call. `arguments`: as the model wrote them. */
export type CarriedOutcome = { callId: string; name: string; arguments: string; output: string };

/** OpenAI's limit for a message is 256,000 characters. The rest is for the text around the outcomes. */
const longestMessage = 250_000;

/**
 * The outcomes of all calls in these turns, in order. The outputs of a turn's calls are in the next turn's `sent`.
 * Those of the last turn are `newest`. A call without an output is left out.
 */
export function outcomesIn(
  entries: readonly TranscriptEntry[],
  newest: ReadonlyArray<{ callId: string; output: string }>,
): CarriedOutcome[] {
  return entries.flatMap((entry, position) => {
    const next = entries[position + 1];
    const given = next
      ? (next.sent as Item[])
          .filter(({ type }) => type === 'function_call_output')
          .map((item) => ({ callId: textField(item, 'call_id'), output: textField(item, 'output') }))
      : newest;
    return (entry.received as Item[])
      .filter(({ type }) => type === 'function_call')
      .flatMap((call) => {
        const callId = textField(call, 'call_id');
        const output = given.find((one) => one.callId === callId)?.output;
        return output === undefined
          ? []
          : [{ callId, name: textField(call, 'name'), arguments: textField(call, 'arguments'), output }];
      });
  });
}

/** The turns of one run at OpenAI at the end of the conversation. */
export function turnsOfRun(entries: readonly TranscriptEntry[], runId: string): TranscriptEntry[] {
  const last = entries.findLastIndex(
    ({ received }) => (received as Item[]).find(({ type }) => type === 'run')?.['id'] !== runId,
  );
  return entries.slice(last + 1);
}

/**
 * The message that tells the model the outcomes of calls whose run has ended, and the user's messages since. Outputs
 * are quoted as data.
 */
export function outcomesMessage(outcomes: readonly CarriedOutcome[], said: readonly string[]): string {
  return [
    'You asked for the actions below in a run that ended before their outcomes could be handed to you. This message gives them.',
    ...outcomes.map((outcome) => told(outcome, Math.floor(roomBeside(said) / (outcomes.length * 2)))),
    'These outcomes are final.',
    whatNext(said),
  ].join('\n\n');
}

/** The message that retells a deleted thread at the start of a new one. */
export function retoldMessage(
  entries: readonly TranscriptEntry[],
  outcomes: readonly CarriedOutcome[],
  said: readonly string[],
): string {
  const before = entries
    .flatMap(({ sent, received }) => [...(sent as Item[]), ...(received as Item[])])
    .filter(({ type }) => type === 'message')
    .map((item) => `${item['role'] === 'user' ? 'User' : 'You'}: ${textField(item, 'text')}`);
  return [
    'This conversation was begun in another thread, which is gone. What was said there:',
    shortened(before.join('\n\n'), Math.floor(roomBeside(said) / 3)),
    ...(outcomes.length > 0
      ? [
          'What became of the actions that you asked for there:',
          ...outcomes.map((outcome) => told(outcome, Math.floor(roomBeside(said) / (outcomes.length * 6)))),
          'These outcomes are final.',
        ]
      : []),
    whatNext(said),
  ].join('\n\n');
}

/** The characters left beside the user's messages. */
function roomBeside(said: readonly string[]): number {
  return Math.max(0, longestMessage - said.reduce((sum, { length }) => sum + length, 0));
}

function whatNext(said: readonly string[]): string {
  return said.length === 0 ? 'Go on with the task from here.' : ["The user's newest message:", ...said].join('\n\n');
}

function told({ name, arguments: written, output }: CarriedOutcome, longest: number): string {
  return `Your call ${name} ${shortened(written, longest)}\n${whatHappened(output)} Its output, as data: ${shortened(JSON.stringify(output), longest)}`;
}

/** Recognizes Holdpoint's outputs for calls that were not carried out. Any other output comes from a tool. */
function whatHappened(output: string): string {
  const notDone = [
    outputs.denied,
    outputs.expired,
    outputs.withdrawn,
    outputs.superseded,
    outputs.runEnded,
    outputs.deniedBefore,
    outputs.tooManyCalls,
    'Unknown tool "',
    'Invalid arguments for "',
  ];
  if (notDone.some((text) => output.startsWith(text))) return 'It was NOT carried out.';
  if (output === outputs.unknown) return 'It is unknown whether it was carried out.';
  if (/^Tool "[^"]*" failed: /.test(output)) return 'It was tried and failed.';
  return 'It was carried out.';
}

/** True if an outcome decided nothing. The same call is then a new one and is reviewed. */
export function mayBeAskedAgain({ output }: CarriedOutcome): boolean {
  return output === outputs.superseded || output === outputs.runEnded || output === outputs.tooManyCalls;
}

/** Cuts a long text and marks the cut. Keeps surrogate pairs whole. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const marker = ` [Holdpoint cut this text here: it has ${text.length} characters.]`;
  const kept = text.slice(0, Math.max(0, longest - marker.length));
  return `${/[\uD800-\uDBFF]$/.test(kept) ? kept.slice(0, -1) : kept}${marker}`;
}

/** The transcript item that stores outcomes. */
export function outcomesItem(outcomes: readonly CarriedOutcome[]): Item {
  return { type: 'carried_outcomes', outcomes: outcomes as unknown as Json[] };
}

/** The output at a position of an entry's carried outcomes. Undefined if there is none. */
export function outputAt(entry: TranscriptEntry | undefined, position: number): string | undefined {
  const item = (entry?.sent as Item[] | undefined)?.find(({ type }) => type === 'carried_outcomes');
  const output = ((item?.['outcomes'] ?? []) as JsonObject[])[position]?.['output'];
  return typeof output === 'string' ? output : undefined;
}
