import type { Approval, Call, Run } from '../schemas/rest.ts';
import { readRecord, type ApprovalRecordsDeps } from './approval-records.ts';
import { inParts } from './in-parts.ts';

/** Gives each request of a run's calls the arguments and the link of the review service. */
export type ShowRun = (run: Run) => Promise<Run>;

/** Longest wait for the review service. The run is shown without its answer, too. */
const readTimeoutMs = 3_000;
/** Requests do not change, so those that were read are kept, the newest of them. */
const mostKept = 1_000;

/**
 * Shows runs. The Workflow's memory of a request may be old or made up, so the review service's record replaces it.
 * Where that can't be read, `unverified` says why, and there is no link. A record that is not of this call leaves no
 * arguments.
 */
export function createShowRun(records: ApprovalRecordsDeps): ShowRun {
  const kept = new Map<string, Approval>();

  async function shownCall(run: Run, call: Call): Promise<Call> {
    const { approval } = call;
    if (approval === null) return call;
    const { id } = approval;
    if (id === null) return { ...call, approval: { ...approval, reviewUrl: null } };
    // Questions are asked and answered meanwhile, and the run counts them.
    const key = JSON.stringify([run.id, call.key, id, call.questionCounts]);
    const known = kept.get(key);
    const reading = known
      ? { approval: known }
      : await readRecord(records, { run, call, approval: { ...approval, id } }, readTimeoutMs);
    if (!('approval' in reading))
      return {
        ...call,
        arguments: reading.problem === 'foreign' ? null : call.arguments,
        approval: { ...approval, reviewUrl: null },
        unverified: reading.reason,
      };
    const record = reading.approval;
    kept.set(key, record);
    if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
    const { request, kind, reviewUrl, waitingSince, deadlineAt, questions } = record;
    return {
      ...call,
      tool: record.tool,
      arguments: record.arguments,
      approval: { ...approval, request, kind, reviewUrl, waitingSince, deadlineAt, ...(questions && { questions }) },
    };
  }

  return async (run) => {
    if (run.detail === null) return run;
    const calls = await inParts(run.detail.calls, (call) => shownCall(run, call));
    return { ...run, detail: { ...run.detail, calls } };
  };
}
