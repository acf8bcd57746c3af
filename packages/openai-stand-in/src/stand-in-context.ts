import type { HttpBindings } from '@hono/node-server';
import type { RequestFaults } from './faults/fault-book.ts';

/** What hono carries along with each request of the stand-in. */
export interface StandInEnv {
  /** Empty when the app is called without a network. */
  Bindings: Partial<HttpBindings>;
  Variables: { faults: RequestFaults };
}
