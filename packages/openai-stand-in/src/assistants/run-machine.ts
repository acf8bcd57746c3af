import { inSeconds, type Clock } from '../clock.ts';
import type { RequestFaults } from '../faults/fault-book.ts';
import { modelNotFound } from '../openai-error.ts';
import type { BackgroundPace } from '../responses/response-store.ts';
import type { ScriptBook } from '../scripts/script-book.ts';
import { checkTools, type AssistantStore } from './assistant-store.ts';
import {
  cannotCancel,
  messageWhileActive,
  missingToolCallId,
  noOutputsAccepted,
  nothingFound,
  otherOutputsExpected,
  runWhileActive,
} from './assistants-errors.ts';
import type { CreateMessageRequest, CreateRunRequest, SubmitOutputsRequest } from './assistants-schema.ts';
import { newRunObject, newStepObject } from './new-run-object.ts';
import { performRun } from './perform-run.ts';
import { runScriptInput } from './run-script-input.ts';
import { isActive, requiredCalls, type RunObject, type RunStatus, type StepObject } from './run.ts';
import type { MessageObject, StoredRun, StoredThread, ThreadStore } from './thread-store.ts';

type Parts = {
  readonly clock: Clock;
  readonly pace: BackgroundPace;
  readonly threads: ThreadStore;
  readonly assistants: AssistantStore;
  readonly scripts: ScriptBook;
  readonly retiredModels: ReadonlySet<string>;
};

const endedAtField: Readonly<Partial<Record<RunStatus, string>>> = {
  completed: 'completed_at',
  failed: 'failed_at',
  cancelled: 'cancelled_at',
};
const stepEndedAt: Readonly<Record<string, string>> = {
  failed: 'failed_at',
  cancelled: 'cancelled_at',
  expired: 'expired_at',
  completed: 'completed_at',
};

/**
 * The state machine of runs. A run advances when it is read, by polls and the clock: queued, in_progress, then the
 * script's result. An active run expires ten minutes after its creation, even if outputs were submitted.
 */
export class RunMachine {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Starts a run. @throws OpenAIError 400 if the thread has an active run. */
  create(thread: StoredThread, request: CreateRunRequest, faults: RequestFaults): StoredRun {
    const { clock, assistants, retiredModels, threads } = this.#parts;
    const active = this.activeRun(thread);
    if (active !== undefined) throw runWhileActive(thread.wire.id, active.wire.id);
    const wire = newRunObject(thread.wire.id, request, assistants.get(request.assistant_id), inSeconds(clock));
    if (retiredModels.has(wire.model)) throw modelNotFound(wire.model);
    checkTools(request.tools);
    for (const message of request.additional_messages ?? []) threads.addGiven(thread, message);
    const run: StoredRun = {
      wire,
      steps: [],
      polls: 0,
      since: clock.now(),
      staysInProgress: faults.take('stay_in_progress') !== undefined,
    };
    thread.runs.push(run);
    return run;
  }

  /** Adds a caller's message. @throws OpenAIError 400 while a run is active. */
  addMessage(thread: StoredThread, message: CreateMessageRequest): MessageObject {
    const active = this.activeRun(thread);
    if (active !== undefined) throw messageWhileActive(thread.wire.id, active.wire.id);
    return this.#parts.threads.addGiven(thread, message);
  }

  /** The run that locks a thread, if any. */
  activeRun(thread: StoredThread): StoredRun | undefined {
    return thread.runs.find((run) => isActive(this.look(thread, run).wire));
  }

  /** @throws OpenAIError 404. */
  find(thread: StoredThread, id: string): StoredRun {
    const run = thread.runs.find(({ wire }) => wire.id === id);
    if (run === undefined) throw nothingFound('run', id);
    return this.look(thread, run);
  }

  /** Reads a run and counts a poll. @throws OpenAIError 404. */
  poll(thread: StoredThread, id: string): StoredRun {
    const run = this.find(thread, id);
    run.polls += 1;
    return this.look(thread, run);
  }

  /** Accepts the outputs of all calls together, once. @throws OpenAIError 400. */
  submit(thread: StoredThread, run: StoredRun, { tool_outputs: outputs }: SubmitOutputsRequest): StoredRun {
    if (run.wire.status !== 'requires_action') throw noOutputsAccepted(run.wire.status);
    const missing = outputs.findIndex(({ tool_call_id: id }) => id === undefined);
    if (missing >= 0) throw missingToolCallId(missing);
    const calls = requiredCalls(run.wire);
    const given = new Map(outputs.map(({ tool_call_id: id, output = '' }) => [String(id), output]));
    const complete =
      given.size === outputs.length &&
      calls.every(({ id }) => given.has(id)) &&
      [...given.keys()].every((id) => calls.some((call) => call.id === id));
    if (!complete)
      throw otherOutputsExpected(
        calls.map(({ id }) => id),
        outputs.map(({ tool_call_id: id }) => String(id)),
      );
    const answered = calls.map((call) => ({ ...call, function: { ...call.function, output: given.get(call.id) } }));
    for (const { id, function: called } of answered)
      thread.items.push({ type: 'function_call', call_id: id, name: called.name, arguments: called.arguments });
    for (const { id, function: called } of answered)
      thread.items.push({ type: 'function_call_output', call_id: id, output: called.output });
    this.#endSteps(run, 'completed', { type: 'tool_calls', tool_calls: answered });
    this.#restart(run, 'queued');
    return run;
  }

  /** Cancels an active run. It has ended at the second read after that. @throws OpenAIError 400 for any other run. */
  cancel(run: StoredRun): StoredRun {
    if (!isActive(run.wire) || run.wire.status === 'cancelling') throw cannotCancel(run.wire.status);
    this.#restart(run, 'cancelling');
    return run;
  }

  /** Reads a run, advanced by its polls and the clock. */
  look(thread: StoredThread, run: StoredRun): StoredRun {
    const { clock, pace } = this.#parts;
    const elapsed = clock.now() - run.since;
    const { status, expires_at: expiresAt } = run.wire;
    if (!isActive(run.wire)) return run;
    const deadline = Number(expiresAt) * 1000;
    if (status === 'cancelling') {
      if (run.polls > 0 || elapsed >= pace.milliseconds) this.#end(run, 'cancelled');
      return run;
    }
    const works = status === 'queued' || status === 'in_progress';
    const doneInTime = Math.min(clock.now(), run.since + pace.milliseconds) < deadline;
    if (
      works &&
      !run.staysInProgress &&
      doneInTime &&
      (run.polls >= pace.pollsUntilFinished || elapsed >= pace.milliseconds)
    )
      this.perform(thread, run);
    else if (works && (run.polls > 0 || elapsed >= pace.milliseconds / 3))
      run.wire = { ...run.wire, status: 'in_progress', started_at: run.wire.started_at ?? inSeconds(clock) };
    if (isActive(run.wire) && clock.now() >= deadline) this.#end(run, 'expired');
    return run;
  }

  /** Takes the model's turn at once. */
  perform(thread: StoredThread, run: StoredRun): void {
    const { clock, scripts, threads } = this.#parts;
    const now = inSeconds(clock);
    const input = runScriptInput(run.wire, thread.items);
    const { status, message, calls, lastError, incompleteReason } = performRun(scripts.reply(input), input);
    run.wire = { ...run.wire, started_at: run.wire.started_at ?? now };
    if (message !== null) {
      const { content, text, reason } = message;
      const cut =
        reason === null
          ? {}
          : { status: 'incomplete', completed_at: null, incomplete_at: now, incomplete_details: { reason } };
      const { id } = threads.add(
        thread,
        { role: 'assistant', content, run_id: run.wire.id, assistant_id: run.wire.assistant_id, ...cut },
        text,
      );
      run.steps.push(
        newStepObject(run.wire, now, {
          type: 'message_creation',
          status: 'completed',
          step_details: { type: 'message_creation', message_creation: { message_id: id } },
        }),
      );
    }
    if (status !== 'requires_action') {
      this.#end(run, status, {
        last_error: lastError,
        incomplete_details: incompleteReason === null ? null : { reason: incompleteReason },
      });
      return;
    }
    const asked = calls.map((call) => ({ ...call, function: { ...call.function, output: null } }));
    run.steps.push(
      newStepObject(run.wire, now, {
        type: 'tool_calls',
        status: 'in_progress',
        step_details: { type: 'tool_calls', tool_calls: asked },
      }),
    );
    run.wire = {
      ...run.wire,
      status,
      required_action: { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: calls } },
    };
  }

  #restart(run: StoredRun, status: RunStatus): void {
    run.wire = { ...run.wire, status, required_action: null };
    run.since = this.#parts.clock.now();
    run.polls = 0;
  }

  #end(run: StoredRun, status: RunStatus, fields: Partial<RunObject> = {}): void {
    const at = endedAtField[status];
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    run.wire = {
      ...run.wire,
      status,
      expires_at: null,
      required_action: null,
      usage,
      ...fields,
      ...(at === undefined ? {} : { [at]: inSeconds(this.#parts.clock) }),
    };
    if (status !== 'completed')
      this.#endSteps(run, status === 'incomplete' ? 'failed' : (status as StepObject['status']));
  }

  #endSteps(run: StoredRun, status: StepObject['status'], details?: object): void {
    run.steps = run.steps.map((step) =>
      step.status === 'in_progress'
        ? {
            ...step,
            status,
            [String(stepEndedAt[status])]: inSeconds(this.#parts.clock),
            step_details: details ?? step.step_details,
          }
        : step,
    );
  }
}
