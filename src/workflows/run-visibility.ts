import { defineSearchAttributeKey, type SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { RunProgress } from '../domain/run.ts';
import { bytesOf } from './bytes-of.ts';
import { openRequest } from './open-approvals.ts';
import { detailsOf, stateOf } from './run-view.ts';

const keys = {
  assistant: defineSearchAttributeKey('HoldpointAssistant', 'KEYWORD'),
  state: defineSearchAttributeKey('HoldpointState', 'KEYWORD'),
  tools: defineSearchAttributeKey('HoldpointTool', 'KEYWORD_LIST'),
  approvals: defineSearchAttributeKey('HoldpointApproval', 'KEYWORD_LIST'),
  waitingSince: defineSearchAttributeKey('HoldpointWaitingSince', 'DATETIME'),
};

/** Longer ids are left out of the search attribute: PostgreSQL visibility takes 255 characters. */
const longestKeyword = 255;
/** Temporal's default limit for one search attribute is 2,048 bytes of JSON; a run that exceeds it stands still for ever. */
const longestList = 2_000;

type Shown = NonNullable<RunProgress['shown']>;

/**
 * Keeps what people see in Temporal's UI in step with the run: search attributes and current details. A search attribute
 * costs an event and a billed action each time, so a run that nothing holds up has no state there: Temporal's own status
 * says that it runs, and how it ended. [decision 0017](../../docs/decisions/0017-state-in-temporal.md)
 */
export class RunVisibility {
  #shown: Shown = { state: null, tools: [], approvals: [], waitingSince: null };
  readonly #progress: RunProgress;
  readonly #assistant: string;

  /** `shown`: what an earlier run of the chain left in the search attributes. */
  constructor(assistant: string, progress: RunProgress) {
    this.#assistant = assistant;
    this.#progress = progress;
    if (progress.shown) this.#shown = progress.shown;
    else this.#start();
    setCurrentDetails(detailsOf(assistant, progress));
  }

  /** None for a run that the gateway started: one that was started by hand or as a child Workflow may lack its assistant, or say more. */
  #start(): void {
    const { typedSearchAttributes: given } = workflowInfo();
    const pairs: SearchAttributeUpdatePair[] = [];
    if (given.get(keys.assistant) !== this.#assistant) pairs.push({ key: keys.assistant, value: this.#assistant });
    if (given.get(keys.state) !== undefined) pairs.push({ key: keys.state, value: null });
    if (pairs.length > 0) upsertSearchAttributes(pairs);
  }

  /** One event if anything changed that can be searched for, none otherwise. */
  update(): void {
    const state = stateOf(this.#progress);
    const waiting = this.#progress.calls.filter((call) => openRequest(call));
    this.#upsert({
      state: state === 'running' ? null : state,
      tools: whatFits([...new Set(waiting.map(({ call }) => call.tool))]),
      approvals: whatFits(
        waiting.flatMap((call) => openRequest(call)?.id ?? []).filter((id) => id.length <= longestKeyword),
      ),
      waitingSince: waiting.reduce<number | null>(
        (oldest, { waitingSince }) =>
          waitingSince === undefined ? oldest : Math.min(oldest ?? waitingSince, waitingSince),
        null,
      ),
    });
    this.describe();
  }

  /** What changed can't be searched for: no event. */
  describe(): void {
    setCurrentDetails(detailsOf(this.#assistant, this.#progress));
  }

  /** The run is over. Approvals that could not be withdrawn stay findable for the reconcile Schedule. */
  end(withdrawn = true): void {
    this.#upsert({
      ...this.#shown,
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
    upsertSearchAttributes(pairs);
    this.#shown = next;
    this.#progress.shown = next;
  }
}

/** As many from the front as one search attribute takes; the others follow as these are decided. */
function whatFits(keywords: string[]): string[] {
  let bytes = 2;
  const tooMany = keywords.findIndex((keyword) => (bytes += bytesOf(JSON.stringify(keyword)) + 1) > longestList);
  return tooMany === -1 ? keywords : keywords.slice(0, tooMany);
}
