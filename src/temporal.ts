/** `holdpoint/temporal`: Holdpoint in your own Temporal Worker. */
import './worker/check-temporal-packages.ts';

export { HoldpointPlugin } from './worker/holdpoint-plugin.ts';
export type { HoldpointOptions } from './worker/holdpoint-options.ts';
