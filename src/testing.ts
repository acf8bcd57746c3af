/** `holdpoint/testing`: tests of a user's tools and runs, and replay tests of exported histories. */
export { createTestStack } from './testing/test-stack.ts';
export type { StartRun, TestRun, TestStack, TestStackOptions } from './testing/test-stack.ts';
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
export { recordHistories } from './testing/record-histories.ts';
export type { RecordedHistory, RecordHistoriesOptions } from './testing/record-histories.ts';
/** The server that plays OpenAI for a test stack, for tests of your own programs. */
export { startOpenAIStandIn } from '@holdpoint/openai-stand-in';
export type {
  FaultInput,
  OpenAIStandIn,
  Reply,
  Script,
  SetFault,
  StandInControl,
  StartStandInOptions,
} from '@holdpoint/openai-stand-in';
