/** `holdpoint/testing`: tests of a user's tools, and replay tests of their runs. */
export { InvalidArguments, testTool } from './testing/test-tool.ts';
export type {
  CallResult,
  EditResult,
  ReviewResult,
  TestedCall,
  TestedEdit,
  TestedRun,
  TestedTool,
} from './testing/test-tool.ts';
export { replayAll, replayHistory, ReplayMismatch } from './testing/replay.ts';
export type { ReplayResult } from './testing/replay.ts';
