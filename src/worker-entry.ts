/** `holdpoint/worker`: a Worker beside your own, on its own Task Queue. */
import './worker/check-temporal-packages.ts';

export { createWorker, type HoldpointWorker, type WorkerOptions } from './worker/create-worker.ts';
export type { Versioning, WorkerVersion } from './domain/deployment.ts';
export type { PayloadEncryption } from './schemas/payload-keys.ts';
