import { Context } from '@temporalio/activity';
import type { CallOutput, PlannedCall } from '../domain/tool-call.ts';
import type { RunActivities, TakeTurnInput, TurnResult } from '../domain/activities.ts';
import type { Json } from '@holdpoint/json';
import { digestOf } from '@holdpoint/json/canonical';
import { agedOutput, outputs, resultOutput } from '../domain/outputs.ts';
import { largestInlineOutputBytes } from '../domain/payload.ts';
import type { TurnInput } from '../domain/run.ts';
import type { Assistant } from '../assistant/assistant.ts';
import { checkArguments, parseCall } from './arguments.ts';
import {
  assistantNamed,
  factsOf,
  ownExecution,
  ownFirstRunId,
  toolNamed,
  type ActivityDependencies,
} from './context.ts';
import { sealedCheckpoints } from './sealed-checkpoints.ts';
import { continuedConversation } from './continued-conversation.ts';
import { toTemporalFailure } from './failure.ts';
import { withHeartbeats } from './attempt-lease.ts';
import { ownConversation } from './own-conversation.ts';
import { fromPayload, toPayload } from './payloads.ts';
import type { RequestedCall, TurnReply, TurnRequest } from './ports.ts';
import { createBeginRun, recordTurn } from './record-run.ts';
import { Policy } from './review-policy.ts';
import { waitForAssistant } from './wait-for-assistant.ts';
import { turnLimits, type TurnLimits } from './turn-limits.ts';

/** One call of a turn. `taken`: it is within the limit of calls. */
type Planning = { call: RequestedCall; taken: boolean; assistant: Assistant; context: Json; limits: TurnLimits };

/** Longer names are cut: no tool has one. */
const longestName = 200;
/** A result that waited this long for the other calls of its turn carries the time it was obtained. */
const agedAfterMs = 10 * 60 * 1000;

/**
 * One round trip with the model. Sends the outputs of the last turn and the user's messages, waits for an answer or
 * tool calls, and plans each call: run it, have it reviewed, or answer it at once.
 * @throws Model… and QuotaExhausted as the surface classifies them; UnknownAssistant, AssistantNotHere,
 * NoSuchAssistant; CannotContinue; ConversationLost.
 */
export function createTakeTurn(dependencies: ActivityDependencies): RunActivities['takeTurn'] {
  const { config, surface, values, runs, envelopes, now, toolQueue } = dependencies;
  const beginRun = createBeginRun(dependencies);

  return async ({
    assistant: name,
    context,
    turn,
    conversation,
    continueFrom,
    input,
    firstRunId: claimed,
  }: TakeTurnInput): Promise<TurnResult> => {
    const { workflowId } = ownExecution();
    const { info, cancellationSignal } = Context.current();
    await waitForAssistant(dependencies, name, { begun: turn > 1 });
    const assistant = assistantNamed(config, name);
    const firstRunId = await ownFirstRunId(runs, claimed);
    await beginRun({ firstRunId, assistant: name, context: context ?? null });
    const own = await ownConversation(dependencies, conversation, firstRunId);
    const continued =
      own !== null || continueFrom === undefined
        ? undefined
        : await continuedConversation(dependencies, continueFrom, assistant);
    const surfaceInput = await toSurfaceInput(input);
    const checkpoints = sealedCheckpoints(envelopes, `${firstRunId}/${turn}`);
    const resumeFrom = checkpoints.open(info.heartbeatDetails);
    let note = resumeFrom && checkpoints.seal(resumeFrom);
    let received = 0;
    const request: TurnRequest = {
      assistant,
      runId: workflowId,
      firstRunId,
      context: context ?? null,
      turn,
      attempt: info.attempt,
      conversation: own ?? continued?.conversation ?? null,
      input: { ...surfaceInput, outputs: [...(continued?.outputs ?? []), ...surfaceInput.outputs] },
      signal: cancellationSignal,
      onDelta: (characters) => {
        received += characters;
      },
      resumeFrom,
      checkpoint: async (resume) => {
        note = checkpoints.seal(resume);
        await runs.checkpoint(info.taskToken, note);
      },
    };
    try {
      return await withHeartbeats(
        async () => {
          const startedAt = now();
          const reply = await surface(assistant).takeTurn(request);
          const result = await toResult(reply, assistant, context);
          await recordTurn(dependencies, { request, reply, result, startedAt });
          return result;
        },
        () => ({ ...note, received }),
      );
    } catch (error) {
      throw toTemporalFailure(error);
    }
  };

  async function toResult(reply: TurnReply, assistant: Assistant, context: Json): Promise<TurnResult> {
    if (reply.outcome.type === 'answer') {
      const { text, refused } = reply.outcome;
      return {
        conversation: reply.conversation,
        maxTurns: assistant.maxTurns,
        outcome: { type: 'answer', output: await toPayload(text, values), ...(refused && { refused }) },
      };
    }
    const limits = turnLimits(reply.outcome.calls, context);
    const calls = await Promise.all(
      reply.outcome.calls.map((call, position) =>
        plan({ call, taken: position < limits.calls, assistant, context, limits }),
      ),
    );
    return { conversation: reply.conversation, maxTurns: assistant.maxTurns, outcome: { type: 'calls', calls } };
  }

  async function toSurfaceInput(input: TurnInput): Promise<TurnRequest['input']> {
    return {
      outputs: await Promise.all(
        input.outputs.map(async (output) => ({ callId: output.callId, output: await outputText(output) })),
      ),
      messages: await Promise.all(
        input.messages.map(async (message) => resultOutput(await fromPayload(message, values))),
      ),
    };
  }

  /** The text for the model, with its time if it waited long for the other calls. */
  async function outputText({ output, result, obtainedAt }: CallOutput): Promise<string> {
    const text = resultOutput(await fromPayload(output, values));
    if (!result || now() - obtainedAt < agedAfterMs) return text;
    return agedOutput(result === 'json' ? (JSON.parse(text) as Json) : text, obtainedAt);
  }

  async function plan({ call, taken, assistant, context, limits }: Planning): Promise<PlannedCall> {
    const tool = toolNamed(assistant, call.name);
    const parsed = await parseCall(tool, call.arguments);
    const asWritten = parsed.ok ? parsed.value : call.arguments.toWellFormed();
    const base = {
      kind: 'tool' as const,
      callId: call.callId,
      tool: tool?.name ?? call.name.slice(0, longestName).toWellFormed(),
      timeoutMs: tool?.timeoutMs ?? 0,
      ...(toolQueue !== undefined && { toolQueue }),
    };
    const answer = async (output: string): Promise<PlannedCall> => ({
      ...base,
      arguments: await toPayload(asWritten, values, limits.inlineBytes),
      fingerprint: digestOf([call.name.toWellFormed(), asWritten]),
      plan: { type: 'answer', output: await toPayload(output, values, largestInlineOutputBytes) },
    });

    if (call.answer !== undefined) return await answer(call.answer);
    if (!taken) return await answer(outputs.tooManyCalls);
    if (!tool)
      return await answer(
        outputs.unknownTool(
          base.tool,
          assistant.tools.map((each) => each.name),
        ),
      );
    if (!parsed.ok) return await answer(outputs.badArguments(call.name, parsed.path, parsed.message));
    const checked = await checkArguments(tool, parsed.value);
    if (!checked.ok) return await answer(outputs.badArguments(call.name, checked.path, checked.message));
    const review = await new Policy(tool, factsOf(assistant, context)).needsReview(checked.args);
    return {
      ...base,
      arguments: await toPayload(checked.args, values, limits.inlineBytes),
      fingerprint: digestOf([call.name, checked.args]),
      plan: { type: review ? 'review' : 'execute' },
    };
  }
}
