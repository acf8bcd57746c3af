import { callKey, parseCallKey } from '../../src/domain/call-key.ts';
import { outputs } from '../../src/domain/outputs.ts';
import type { Item } from '@holdpoint/openai-stand-in';
import type { ApprovalAnswer } from '@holdpoint/cheqpoint/wire';
import { callKeyOf, kindOf, numberOf, type Act, type Played } from './world.ts';

/** One call, with all that came of it. */
type Call = {
  key: string;
  callId: string;
  tool: string;
  arguments: string;
  openaiRun: string;
  outputs: string[];
  acts: Act[];
  requests: ApprovalAnswer[];
};

/** Checks the facts that must hold for every run. Returns the violated ones. */
export function violations(played: Played): string[] {
  const found: string[] = [];
  const must = (holds: boolean, says: string): void => void (holds || found.push(says));
  must(played.ended === 'completed', `the run is ${played.ended}: ${played.why}`);
  const calls = callsOf(played);
  const acts = played.acts.filter(({ key }) => !calls.some((call) => call.key === key));
  if (played.ended === 'completed')
    must(acts.length === 0, `something acted that the model did not ask for: ${JSON.stringify(acts)}`);
  checkView(played.seen, must);

  // People's decisions count, even if the transcript does not contain them.
  for (const key of new Set(
    [...played.acts, ...played.asked.map(({ details }) => ({ key: callKeyOf(details) }))].map((each) => each.key),
  )) {
    const own = played.acts.filter((act) => act.key === key);
    const requests = played.asked.filter(({ details }) => callKeyOf(details) === key && kindOf(details) === 'call');
    const newest = requests.toSorted((one, other) => numberOf(other.details) - numberOf(one.details))[0];
    must(parseCallKey(key)?.firstRunId === played.firstRunId, `${key} is not of this run`);
    must(
      newest?.status === 'APPROVED' || own.every(({ tool }) => tool === 'read'),
      `${key} acted without an approval: ${newest?.status ?? 'never asked'}`,
    );
    must(own.every(({ tool }) => tool !== 'pay_once') || own.length === 1, `${key} acted ${own.length} times`);
    const approved = (newest?.modifiedDetails ?? newest?.details)?.['amount'];
    must(
      !newest || own.every(({ tool, amount }) => tool === newest.action && amount === approved),
      `${key} acted otherwise than was approved: ${JSON.stringify(own)}, not ${String(newest?.action)}(${String(approved)})`,
    );
  }
  for (const call of calls) checkCall(call, played, must);
  checkCarried(calls, must);
  return found;
}

type Must = (holds: boolean, says: string) => void;

function checkCall(call: Call, { said }: Played, must: Must): void {
  const { key, tool, acts, requests } = call;
  const [output = '', ...more] = call.outputs;
  must(call.outputs.length === 1, `${key} got ${call.outputs.length} outputs`);
  must(more.length === 0, `${key} got more: ${more.join(' | ')}`);
  const asked = requests
    .filter(({ details }) => kindOf(details) === 'call')
    .toSorted((one, other) => numberOf(other.details) - numberOf(one.details));
  const [newest] = asked;
  const gaveUp = output === outputs.unknown;
  if (!newest) {
    // Never reviewed, refused as a repeat, or answered with the outcome of an earlier call: then no tool acts.
    const ran = output.includes(`"key":"${key}"`);
    must(ran ? tool === 'read' : acts.length === 0, `${key} was not asked about, and acted`);
    return;
  }
  must(asked.length === 1, `${key} was asked ${asked.length} times`);
  const decision = said.get(newest.id);
  switch (newest.decisionReasonCode) {
    case 'expired':
      must(output === outputs.expired, `${key} expired, and the model was told: ${output}`);
      break;
    case 'person':
      if (newest.status === 'REJECTED')
        must(
          output === outputs.deniedWithNote(String(decision?.note)),
          `${key} was rejected, and the model was told: ${output}`,
        );
      else {
        must(acts.length > 0 || gaveUp, `${key} was approved and never acted; the model was told: ${output}`);
        const unknown = gaveUp || (output === outputs.confirmed && acts.length === 1);
        must(
          unknown ? tool === 'pay_once' : output.includes(`"key":"${key}"`),
          `${key} was approved, and the model was told: ${output}`,
        );
        if (!unknown && newest.modifiedDetails)
          must(output.includes(String(decision?.note)), `${key} was edited, and the model was told: ${output}`);
      }
      break;
    default:
      must(false, `${key} was closed as ${String(newest.decisionReasonCode)}`);
  }
}

/**
 * In a run at OpenAI that follows one that ended early, each outcome of that one answers one repeat of its call, and
 * only that.
 */
function checkCarried(calls: readonly Call[], must: Must): void {
  const runs = [...new Set(calls.map(({ openaiRun }) => openaiRun))];
  for (const [index, run] of runs.entries()) {
    for (const call of calls.filter(({ openaiRun }) => openaiRun === run)) {
      const same = (openaiRun: string | undefined): Call[] =>
        calls.filter(
          (each) => each.openaiRun === openaiRun && each.tool === call.tool && each.arguments === call.arguments,
        );
      const before = same(runs[index - 1]);
      const told = ({ outputs: [output] }: Call): boolean => output === call.outputs[0];
      must(
        isFresh(call) || same(run).filter(told).length <= before.filter(told).length,
        `${call.key} was answered with an outcome that was used up: ${call.outputs[0] ?? ''}`,
      );
      must(
        same(run).filter((each) => isFresh(each) && each.outputs[0] !== outputs.deniedBefore).length <=
          Math.max(0, same(run).length - before.length),
        `${call.key} was done anew, though what came of it was told before`,
      );
    }
  }
}

/** True if the call was asked, done or refused, and not answered with the outcome of an earlier call. */
function isFresh({ key, requests, outputs: [output = ''] }: Call): boolean {
  return requests.length > 0 || output.includes(key) || output === outputs.deniedBefore;
}

/** In the model's input, each call is followed by one output before the same id occurs again. */
function checkView(seen: readonly Item[], must: Must): void {
  const open = new Set<unknown>();
  for (const { type, call_id: id } of seen) {
    if (type === 'function_call') {
      must(!open.has(id), `the model sees ${String(id)} called again before it was answered`);
      open.add(id);
    } else if (type === 'function_call_output')
      must(open.delete(id), `the model sees an output for ${String(id)} that answers nothing`);
  }
  must(open.size === 0, `the model sees calls without an output: ${[...open].join(', ')}`);
}

function callsOf({ entries, firstRunId, acts, asked }: Played): Call[] {
  return entries.flatMap((entry, index) => {
    const received = entry.received as Item[];
    const sent = (entries[index + 1]?.sent ?? []) as Item[];
    const openaiRun = String(received.find(({ type }) => type === 'run')?.id ?? 'one');
    return received
      .filter(({ type }) => type === 'function_call')
      .map((item, position): Call => {
        const callId = String(item.call_id);
        const key = callKey({ firstRunId, turn: entry.turn, position, callId });
        return {
          key,
          callId,
          tool: String(item['name']),
          arguments: String(item['arguments']),
          openaiRun,
          outputs: sent
            .filter(({ type, call_id: id }) => type === 'function_call_output' && id === callId)
            .map((output) => String(output['output'])),
          acts: acts.filter((act) => act.key === key),
          requests: asked.filter(({ details }) => callKeyOf(details) === key),
        };
      });
  });
}
