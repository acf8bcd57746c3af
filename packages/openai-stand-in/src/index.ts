export type { SetFault, StandInControl } from './control.ts';
export type { FaultInput } from './faults/fault.ts';
export { isModelItem, type Item, textOf } from './item.ts';
export type { LoggedRequest } from './request-log.ts';
export type { Reply, Script, ScriptedSteps, ScriptFunction, ScriptInput } from './scripts/script.ts';
export { type OpenAIStandIn, startOpenAIStandIn, type StartStandInOptions } from './start-openai-stand-in.ts';
