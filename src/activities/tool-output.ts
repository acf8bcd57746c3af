import type { Json, JsonObject } from '@holdpoint/json';
import { sameJson } from '@holdpoint/json/canonical';
import { approvedOutput, editedOutput, resultOutput } from '../domain/outputs.ts';
import type { EffectOutput } from './ports.ts';

/** What ran, next to what the model asked for. */
export type ActedOn = { args: JsonObject; asked: JsonObject; note: string | null; reviewed: boolean };

/** A tool's result for the model: as it is, or, where a reviewer changed the arguments, with what really was executed. */
export function toolOutput(result: Json, acted: ActedOn): EffectOutput {
  const changes = changesOf(acted);
  if (acted.reviewed && Object.keys(changes).length > 0)
    return { text: editedOutput(result, changes, acted.note), result: 'json' };
  return { text: resultOutput(result), result: typeof result === 'string' ? 'text' : 'json' };
}

/** The output of an approved tool without `execute`: success, and the arguments only if a reviewer changed them. */
export function approvedToolOutput(acted: ActedOn): EffectOutput {
  return { text: approvedOutput(sameJson(acted.args, acted.asked) ? null : acted.args), result: 'json' };
}

/** Top-level keys whose value a reviewer changed, added (from null) or removed (to null). */
function changesOf({ args, asked }: Pick<ActedOn, 'args' | 'asked'>): Record<string, { from: Json; to: Json }> {
  const keys = [...new Set([...Object.keys(asked), ...Object.keys(args)])];
  const changed = keys.filter((key) => !sameJson([args[key] ?? null], [asked[key] ?? null]));
  return Object.fromEntries(changed.map((key) => [key, { from: asked[key] ?? null, to: args[key] ?? null }]));
}
