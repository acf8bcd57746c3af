export { answerMetrics } from './answer-metrics.ts';
export { atMostEvery } from './at-most-every.ts';
export { boundedLabel, otherLabel } from './bounded-label.ts';
export { errorFields, type ErrorFields } from './error-fields.ts';
export { processLog } from './process-log.ts';
export { errorText, exitCodeOf, onOutputClosed, onStopAsked, runProcess, usageExitCode } from './run-process.ts';
export { hideSecrets, redacted } from './redact.ts';
export {
  activeTraceId,
  failSpan,
  inRequest,
  inScope,
  inSpan,
  requestScope,
  scopeHeaders,
  type RequestScope,
} from './request-scope.ts';
export { Secret } from './secret.ts';
export { answerReadiness, createReadiness, type Dependency, type Readiness } from './readiness.ts';
export { startRounds } from './start-rounds.ts';
export { oneAttempt, whenReachable, type StartWait } from './when-reachable.ts';
export { within } from './within.ts';
export { serveHttp } from './serve-http.ts';
export { createStreamSlots, type StreamSlots } from './stream-slots.ts';
