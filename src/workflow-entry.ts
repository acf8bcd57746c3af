/** `holdpoint/workflow`: runs as child Workflows, for your own Workflow code. Deterministic. */
export { executeRun, startRun } from './workflows/execute-run.ts';
export type { ChildRun, ChildRunOptions, RunAnswer } from './workflows/execute-run.ts';
export type { Json, JsonObject } from '@holdpoint/json';
