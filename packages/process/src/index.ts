export { errorFields, type ErrorFields } from './error-fields.ts';
export { processLog } from './process-log.ts';
export { errorText, exitCodeOf, onOutputClosed, onStopAsked, runProcess, usageExitCode } from './run-process.ts';
export { hideSecrets, redacted } from './redact.ts';
export { Secret } from './secret.ts';
export { answerReadiness, createReadiness, type Dependency, type Readiness } from './readiness.ts';
export { startRounds } from './start-rounds.ts';
export { within } from './within.ts';
export { serveHttp } from './serve-http.ts';
