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

/** A fault that was set by `control.fault`. */
export interface SetFault {
  readonly id: string;
  /** How often it has happened. */
  happened(): number;
  /** Takes it away and lets go the requests that it holds. */
  remove(): void;
}

/** What tests and developers do with a stand-in from outside the API that it plays. */
export interface StandInControl {
  /** Sets a fault. Throws zod's error when it is malformed. */
  fault(fault: FaultInput): SetFault;
  faults(): readonly FaultState[];
  /** Puts a script before all others. Throws zod's error when its steps are malformed. */
  script(script: Script): void;
  /** Takes away every script that was given, also those of the options; the built-in ones stay. */
  clearScripts(): void;
  /** From now on this model answers 404 `model_not_found`. */
  retireModel(model: string): void;
  /** The requests that arrived under `/v1/`, oldest first, without credentials. */
  requests(): readonly LoggedRequest[];
  /** Every response that was made, oldest first, also those with `store: false`. Shows what a lost reply left behind. */
  responses(): readonly ResponseObject[];
  /** From now on everything under `/v1/assistants` and `/v1/threads` answers 404, as at OpenAI since 2026-08-26. */
  retireAssistants(): void;
  /** Every run of the Assistants API that was made, oldest first of each thread. */
  assistantRuns(): readonly RunObject[];
  /** Moves the stand-in's clock ahead: stored responses expire, background responses get on, assistants' runs expire. */
  advanceClock(milliseconds: number): void;
  /** Removes all faults, given scripts, retirements and the log of requests; stored responses stay. */
  reset(): void;
}

interface Parts {
  readonly clock: MovableClock;
  readonly faults: FaultBook;
  readonly scripts: ScriptBook;
  readonly log: RequestLog;
  readonly responses: ResponseStore;
  readonly retiredModels: Set<string>;
  readonly assistants: AssistantsAPI;
}

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
