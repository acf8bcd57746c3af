export { holdpointReconcile } from './reconcile.ts';
export { holdpointRun } from './run.ts';
