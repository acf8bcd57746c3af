import type { AssistantsAPI } from './assistants/assistants-api.ts';
import type { RunObject } from './assistants/run.ts';
import type { MovableClock } from './clock.ts';
import type { FaultBook, FaultState } from './faults/fault-book.ts';
import type { FaultInput } from './faults/fault.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import type { ResponseObject } from './responses/response-object.ts';
import type { ResponseStore } from './responses/response-store.ts';
import type { Script } from './scripts/script.ts';
import type { ScriptBook } from './scripts/script-book.ts';

/** A fault set by `control.fault`. */
export type SetFault = {
  readonly id: string;
  /** The number of requests that it affected. */
  happened(): number;
  /** Removes it and releases the requests that it holds. */
  remove(): void;
};

/** Controls a stand-in: scripts, faults, clock and logs. Tests and developers use it beside the API. */
export type StandInControl = {
  /** Sets a fault. @throws ZodError for a malformed fault. */
  fault(fault: FaultInput): SetFault;
  faults(): readonly FaultState[];
  /** Adds a script before all others. @throws ZodError for malformed steps. */
  script(script: Script): void;
  /** Removes all added scripts, including those of the options. The built-in ones stay. */
  clearScripts(): void;
  /** Makes this model answer 404 `model_not_found`. */
  retireModel(model: string): void;
  /** The requests under `/v1/`, oldest first, without credentials. */
  requests(): readonly LoggedRequest[];
  /** All created responses, oldest first. Includes those with `store: false` and those whose reply was lost. */
  responses(): readonly ResponseObject[];
  /** Makes all paths under `/v1/assistants` and `/v1/threads` answer 404, as at OpenAI since 2026-08-26. */
  retireAssistants(): void;
  /** All runs of the Assistants API, by thread, oldest first. */
  assistantRuns(): readonly RunObject[];
  /** Moves the stand-in's clock ahead. Responses and runs expire, and background responses advance. */
  advanceClock(milliseconds: number): void;
  /** Removes all faults, added scripts, retirements and the request log. Stored responses stay. */
  reset(): void;
};

type Parts = {
  readonly clock: MovableClock;
  readonly faults: FaultBook;
  readonly scripts: ScriptBook;
  readonly log: RequestLog;
  readonly responses: ResponseStore;
  readonly retiredModels: Set<string>;
  readonly assistants: AssistantsAPI;
};

export function createControl({
  clock,
  faults,
  scripts,
  log,
  responses,
  retiredModels,
  assistants,
}: Parts): StandInControl {
  return {
    fault(fault) {
      const id = faults.add(fault);
      const entry = (): FaultState | undefined => faults.list().find((candidate) => candidate.id === id);
      let last = 0;
      const happened = (): number => {
        last = entry()?.happened ?? last;
        return last;
      };
      return {
        id,
        happened,
        remove() {
          happened();
          faults.remove(id);
        },
      };
    },
    faults: () => faults.list(),
    script: (script) => scripts.add(script),
    clearScripts: () => scripts.clear(),
    retireModel: (model) => {
      retiredModels.add(model);
    },
    requests: () => log.list(),
    responses: () => responses.list(),
    retireAssistants: () => assistants.retire(true),
    assistantRuns: () => assistants.runs(),
    advanceClock: (milliseconds) => clock.advance(milliseconds),
    reset() {
      faults.clear();
      scripts.clear();
      log.clear();
      retiredModels.clear();
      assistants.retire(false);
    },
  };
}
