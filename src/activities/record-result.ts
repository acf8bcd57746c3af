import { keysOfBoth, ownValue, type Json, type JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import type { SettleInput, SettleResult } from '../domain/activities.ts';
import type { Decision } from '../domain/decision.ts';
import { approvedOutput, editedOutput, outputs, resultOutput } from '../domain/outputs.ts';
import { largestInlineOutputBytes } from '../domain/payload.ts';
import type { SettledAs } from '../domain/tool-call.ts';
import { toPayload } from './payloads.ts';
import type { EffectOutput, EffectRow, RunValues } from './ports.ts';

type Settled = Extract<SettleResult, { type: 'settled' }>;

/** The arguments that ran, and those that the model asked for. */
export type ActedOn = { args: JsonObject; asked: JsonObject; note: string | null; reviewed: boolean };

/** The output of a tool's result. After a reviewer's edit it says what was executed instead. */
export function toolOutput(result: Json, acted: ActedOn): EffectOutput {
  const changes = changesOf(acted);
  if (acted.reviewed && Object.keys(changes).length > 0)
    return { text: editedOutput(result, changes, acted.note), result: 'json' };
  return { text: resultOutput(result), result: typeof result === 'string' ? 'text' : 'json' };
}

/** The output of an approved tool without `execute`: success, with the arguments if a reviewer changed them. */
export function approvedToolOutput({ args, asked }: ActedOn): EffectOutput {
  return { text: approvedOutput(sameJson(args, asked) ? null : args), result: 'json' };
}

/** Top-level keys whose value a reviewer changed, added (from null) or removed (to null). */
function changesOf({ args, asked }: ActedOn): Record<string, { from: Json; to: Json }> {
  const changed = keysOfBoth(asked, args).filter((key) => !sameJson(valueOf(args, key), valueOf(asked, key)));
  return Object.fromEntries(changed.map((key) => [key, { from: valueOf(asked, key), to: valueOf(args, key) }]));
}

function valueOf(args: JsonObject, key: string): Json {
  return (ownValue(args, key) ?? null) as Json;
}

/** The result of a settled call for the Workflow. An output above 4 KB goes into the database. `at`: default now. */
export async function settled(
  { values, now }: { values: RunValues; now: () => number },
  { call: { callId, key } }: SettleInput,
  { as, output, decision, at }: { as: SettledAs; output: string | EffectOutput; decision?: Decision; at?: number },
): Promise<Settled> {
  const { text, result } = typeof output === 'string' ? { text: output, result: undefined } : output;
  return {
    type: 'settled',
    as,
    output: {
      callId,
      key,
      output: await toPayload(text, values, largestInlineOutputBytes),
      obtainedAt: at ?? now(),
      ...(result && { result }),
    },
    ...(decision && { decision }),
  };
}

const endNames = {
  done: 'ran',
  failed: 'failed',
  confirmed: 'confirmed',
  'given-up': 'given-up',
  superseded: 'superseded',
} as const;

/** The result of a call that its ended ledger row settles. */
export async function settledByRow(
  dependencies: { values: RunValues; now: () => number },
  input: SettleInput,
  row: EffectRow,
  decision?: Decision,
): Promise<Settled> {
  const known = row.state === 'superseded' ? superseded(row) : decision;
  return await settled(dependencies, input, {
    as: endNames[row.state as keyof typeof endNames],
    output: row.output ?? { text: outputs.unknown },
    ...(known && { decision: known }),
    ...(row.closedAt !== null && { at: row.closedAt }),
  });
}

function superseded({ at }: EffectRow): Decision {
  return { outcome: 'withdrawn', by: 'system', decidedAt: new Date(at).toISOString(), superseded: true };
}
