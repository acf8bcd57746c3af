/** `holdpoint/testing`: tests of a user's tools and runs, and replay tests of exported histories. */
export { createTestStack } from './testing/test-stack.ts';
export type { StartRun, TestStack, TestStackOptions } from './testing/test-stack.ts';
export type { ScriptedCall, TestModel } from './testing/test-model.ts';
export type { PolicyDecision, SeenRequest, TestReviewer, WhichRequest } from './testing/test-reviewer.ts';
export type { EffectExpectation, RecordedEffect } from './testing/recorded-effects.ts';
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
export type { ReplayOptions, ReplayResult } from './testing/replay.ts';
