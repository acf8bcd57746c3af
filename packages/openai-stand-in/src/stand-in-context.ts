import type { HttpBindings } from '@hono/node-server';
import type { RequestFaults } from './faults/fault-book.ts';

/** Hono's environment for a request to the stand-in. */
export type StandInEnv = {
  /** Empty if the app is called without a network. */
  Bindings: Partial<HttpBindings>;
  Variables: { faults: RequestFaults };
};
