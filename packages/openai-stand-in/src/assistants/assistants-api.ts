import { Hono } from 'hono';
import type { Clock } from '../clock.ts';
import type { Item } from '../item.ts';
import type { BackgroundPace } from '../responses/response-store.ts';
import type { ScriptBook } from '../scripts/script-book.ts';
import type { StandInEnv } from '../stand-in-context.ts';
import { AssistantStore } from './assistant-store.ts';
import { assistantsGate, assistantsRoutes } from './assistants-routes.ts';
import { RunMachine } from './run-machine.ts';
import type { RunObject } from './run.ts';
import { runsRoutes } from './runs-routes.ts';
import { ThreadStore } from './thread-store.ts';
import { threadsRoutes } from './threads-routes.ts';

type Parts = {
  readonly clock: Clock;
  readonly pace: BackgroundPace;
  readonly scripts: ScriptBook;
  readonly retiredModels: ReadonlySet<string>;
};

/** OpenAI's Assistants API, version 2: its routes, and the state that tests read. */
export type AssistantsAPI = {
  /** Mount them under `/v1`. */
  readonly routes: Hono<StandInEnv>;
  /** With true every path answers 404, as at OpenAI since 2026-08-26. False reverts it. */
  retire(isRetired: boolean): void;
  /** The items of the thread in a path. Empty for an unknown thread. Changes no state. */
  peekThread(path: string): readonly Item[];
  /** All runs of existing threads, oldest first. Includes runs whose reply was lost. */
  runs(): readonly RunObject[];
};

export function createAssistantsAPI(parts: Parts): AssistantsAPI {
  const threads = new ThreadStore(parts.clock);
  const assistants = new AssistantStore(parts.clock, parts.retiredModels);
  const machine = new RunMachine({ ...parts, threads, assistants });
  let isRetired = false;
  const routes = new Hono<StandInEnv>();
  const gate = assistantsGate(() => isRetired);
  for (const path of ['/assistants', '/assistants/*', '/threads', '/threads/*']) routes.use(path, gate);
  routes.route('/assistants', assistantsRoutes(assistants));
  routes.route('/threads', runsRoutes(threads, machine));
  routes.route('/threads', threadsRoutes(threads, machine));
  return {
    routes,
    retire: (wanted) => {
      isRetired = wanted;
    },
    peekThread: (path) => threads.find(/^\/v1\/threads\/([^/]+)/.exec(path)?.[1] ?? '')?.items ?? [],
    runs: () => threads.list().flatMap((thread) => thread.runs.map((run) => machine.look(thread, run).wire)),
  };
}
