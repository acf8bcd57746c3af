/** Names that Holdpoint's processes share through Temporal. Never change one: histories hold them. */
export const runWorkflowType = 'holdpointRun';
export const reconcileWorkflowType = 'holdpointReconcile';
export const decidedSignal = 'decided';
export const askedSignal = 'asked';
export const retrySignal = 'retry';
export const messageSignal = 'message';
export const runQuery = 'run';
export const messagesQuery = 'messages';
/** The default Task Queue. */
export const defaultTaskQueue = 'holdpoint';

/**
 * Temporal gives a Workflow Task to another worker after this long without an answer: the second clock, beside lost
 * heartbeats, of work that a dead worker held. A replay has to end within it: decision 0056.
 */
export const workflowTaskTimeout = '5 s';

/** Search attributes by name, with their Temporal type. */
export const searchAttributes = {
  HoldpointState: 'KEYWORD',
  HoldpointReason: 'KEYWORD',
  HoldpointAssistant: 'KEYWORD',
  HoldpointCaller: 'KEYWORD',
  HoldpointTool: 'KEYWORD_LIST',
  HoldpointApproval: 'KEYWORD_LIST',
  HoldpointWaitingSince: 'DATETIME',
} as const;
