import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { patched, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { CallProgress, RunProgress } from '../domain/run.ts';
import { bytesOf } from '../domain/bytes-of.ts';
import { checkOnce, openRequest } from './call-progress.ts';
import { detailsOf, endDetailsOf } from './run-details.ts';
import { parkedOf, stateOf } from './run-view.ts';

const keys = {
  assistant: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'),
  state: defineSearchAttributeKey('HoldpointState', 'KEYWORD'),
  reason: defineSearchAttributeKey('HoldpointReason', 'KEYWORD'),
  tools: defineSearchAttributeKey('HoldpointTool', 'KEYWORD_LIST'),
  approvals: defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST'),
  waitingSince: defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME'),
};

/** Longer ids are left out of the search attribute: PostgreSQL visibility takes 255 characters. */
const longestKeyword = 255;
/**
 * Bytes of JSON. Temporal's limit for one search attribute is 2,048; above it, every Workflow Task of the run fails.
 */
const longestList = 2_000;

type Shown = NonNullable<RunProgress['shown']>;

/**
 * Shows the run in Temporal's UI: search attributes and current details. Each change of a search attribute costs an
 * event and a billed action, so only a waiting or parked run has a state. Temporal's own status covers running and
 * closed runs. [decision 0017](../../docs/decisions/0017-state-in-temporal.md)
 */
export class RunVisibility {
  #shown: Shown = { state: null, tools: [], approvals: [], waitingSince: null };
  /** Open approvals that did not fit into the search attribute. */
  #hidden: readonly string[] = [];
  readonly #progress: RunProgress;
  readonly #assistant: string;

  /** After continue-as-new, `progress.shown` has the present search attributes. */
  constructor(assistant: string, progress: RunProgress) {
    this.#assistant = assistant;
    this.#progress = progress;
    if (progress.shown) {
      this.#shown = progress.shown;
      this.#hidden = this.#openApprovals().filter((id) => !this.#shown.approvals.includes(id));
    } else this.#start();
    setCurrentDetails(detailsOf(assistant, progress));
  }

  /**
   * Corrects the attributes of a run that was started by hand or as a child Workflow. The gateway sets the right ones.
   */
  #start(): void {
    const { typedSearchAttributes: given } = workflowInfo();
    const pairs: SearchAttributeUpdatePair[] = [];
    if (given.get(keys.assistant) !== this.#assistant) pairs.push({ key: keys.assistant, value: this.#assistant });
    if (given.get(keys.state) !== undefined) pairs.push({ key: keys.state, value: null });
    if (pairs.length > 0) upsertSearchAttributes(pairs);
  }

  /** Adds one event if a search attribute changed. */
  update(): void {
    const state = stateOf(this.#progress);
    const waiting = this.#progress.calls.filter((call) => openRequest(call));
    const open = this.#openApprovals();
    const approvals = whatFits(open);
    const reason = parkedOf(this.#progress)[0]?.type;
    this.#checkEmerged(approvals);
    this.#hidden = open.filter((id) => !approvals.includes(id));
    this.#upsert({
      state: state === 'running' ? null : state,
      ...(reason !== undefined && { reason }),
      tools: whatFits([...new Set(waiting.map(({ call }) => call.tool))]),
      approvals,
      waitingSince: waiting.reduce<number | null>(
        (oldest, { waitingSince }) =>
          waitingSince === undefined ? oldest : Math.min(oldest ?? waitingSince, waitingSince),
        null,
      ),
    });
    this.describe();
  }

  #openApprovals(): string[] {
    return this.#progress.calls
      .flatMap((call) => openRequest(call)?.id ?? [])
      .filter((id) => id.length <= longestKeyword);
  }

  /** The reconcile Schedule finds a run by its search attribute, so a lost decision on a hidden approval is read now. */
  #checkEmerged(approvals: string[]): void {
    const emerged = this.#hidden.filter((id) => approvals.includes(id));
    if (emerged.length === 0 || !patched('emerged-approvals')) return;
    for (const id of emerged) checkOnce(this.#progress, id);
  }

  /** Updates the current details only. Adds no event. */
  describe(): void {
    setCurrentDetails(detailsOf(this.#assistant, this.#progress));
  }

  /** Says how the run ended. Adds no event. Closed runs show the last details that were set. */
  close(calls: CallProgress[], error?: unknown): void {
    setCurrentDetails(endDetailsOf(this.#assistant, { ...this.#progress, calls }, error));
  }

  /**
   * Clears the attributes. Approvals that were not withdrawn keep theirs, by which the reconcile Schedule finds them.
   */
  end(withdrawn = true): void {
    const { reason: _, ...shown } = this.#shown;
    this.#upsert({
      ...shown,
      state: null,
      ...(withdrawn ? { tools: [], approvals: [], waitingSince: null } : {}),
    });
  }

  #upsert(next: Shown): void {
    const pairs: SearchAttributeUpdatePair[] = [];
    if (next.state !== this.#shown.state) pairs.push({ key: keys.state, value: next.state });
    if (next.tools.join() !== this.#shown.tools.join())
      pairs.push({ key: keys.tools, value: next.tools.length > 0 ? next.tools : null });
    if (next.approvals.join() !== this.#shown.approvals.join())
      pairs.push({ key: keys.approvals, value: next.approvals.length > 0 ? next.approvals : null });
    if (next.waitingSince !== this.#shown.waitingSince)
      pairs.push({ key: keys.waitingSince, value: next.waitingSince === null ? null : new Date(next.waitingSince) });
    if (pairs.length === 0) return;
    // Only beside another change: histories of versions without the reason have no event for it.
    if (next.reason !== this.#shown.reason) pairs.push({ key: keys.reason, value: next.reason ?? null });
    upsertSearchAttributes(pairs);
    this.#shown = next;
    this.#progress.shown = next;
  }
}

/** The first keywords that fit into one search attribute. The others follow as these are decided. */
function whatFits(keywords: string[]): string[] {
  let bytes = 2;
  const tooMany = keywords.findIndex((keyword) => (bytes += bytesOf(JSON.stringify(keyword)) + 1) > longestList);
  return tooMany === -1 ? keywords : keywords.slice(0, tooMany);
}
