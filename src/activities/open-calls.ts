import type { Assistant } from '../assistant/assistant.ts';
import { callKey, type CallKey } from '../domain/call-key.ts';
import { isJsonObject, type Json } from '@holdpoint/json';
import { outputs } from '../domain/outputs.ts';
import { toolNamed, type ActivityDependencies } from './context.ts';
import type { TranscriptEntry, TurnRequest } from './ports.ts';

type Ledgers = Pick<ActivityDependencies, 'effects' | 'requests'>;
type OpenCall = { key: CallKey; callId: string; name: string };

/** The calls that the model asked for in the newest entry of a conversation. No later entry has their outputs. */
export function openCallsOf({ received, firstRunId, turn }: TranscriptEntry): OpenCall[] {
  const calls = received.filter(isJsonObject).filter(({ type }) => type === 'function_call');
  return calls.map((call, position) => {
    const callId = text(call['call_id']);
    return { key: callKey({ firstRunId, turn, position, callId }), callId, name: text(call['name']) };
  });
}

/** True if a person was asked about the call, or if its tool was started. */
export async function wasActedOn({ effects, requests }: Ledgers, { key }: OpenCall): Promise<boolean> {
  return (await effects.newest(key)) !== undefined || (await requests.list(key)).length > 0;
}

/**
 * The outputs for calls that a failed run left open. The effect ledger knows which tools acted; a
 * call that it does not know was not carried out.
 */
export async function outcomesOfOpenCalls(
  ledgers: Ledgers,
  assistant: Assistant,
  entry: TranscriptEntry,
): Promise<TurnRequest['input']['outputs']> {
  return await Promise.all(
    openCallsOf(entry).map(async (call) => ({
      callId: call.callId,
      output: await outcomeOf(ledgers, assistant, call),
    })),
  );
}

async function outcomeOf({ effects, requests }: Ledgers, assistant: Assistant, call: OpenCall): Promise<string> {
  const row = await effects.newest(call.key);
  if (row?.output) return row.output.text;
  if (row && row.state !== 'not-happened') return outputs.unknown;
  // An approval of a tool that others carry out leaves no row.
  const tool = toolNamed(assistant, call.name);
  const byOthers = tool !== undefined && (tool.execute === null || tool.effect === 'none');
  return byOthers && (await requests.list(call.key)).length > 0 ? outputs.unknown : outputs.runEnded;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
