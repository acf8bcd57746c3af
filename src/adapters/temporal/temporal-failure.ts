import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client';
import { RunsFailure } from '../../domain/runs-failure.ts';

/** gRPC's INVALID_ARGUMENT. */
const invalidArgument: number = 3;
/** gRPC's PERMISSION_DENIED and UNAUTHENTICATED. */
const denied = [7, 16];

/** Whether Temporal refused the form of a request, such as an id that can't be one: it would refuse it again. */
export function isInvalidArgument(error: unknown): boolean {
  const cause = causeOf(error);
  return isGrpcServiceError(cause) && Number(cause.code) === invalidArgument;
}

/** Whether Temporal refused a run's ten thousandth Signal: the run has heard enough, and must not hold up the news of others. */
export function takesNoMoreSignals(error: unknown): boolean {
  const cause = causeOf(error);
  return isGrpcServiceError(cause) && /limit for signal/.test(cause.details);
}

/** Maps an error of Temporal's client to what the gateway knows; anything that is not Temporal's is thrown as it is. */
export function toRunsFailure(error: unknown, namespace: string): RunsFailure {
  if (error instanceof RunsFailure) return error;
  const cause = causeOf(error);
  if (error instanceof NamespaceNotFoundError) {
    return new RunsFailure(
      'not-set-up',
      `Temporal has no namespace "${namespace}". Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create -n ${namespace}`,
      { cause: error },
    );
  }
  if (isGrpcServiceError(cause)) {
    const code: number = cause.code;
    const said = cause.details || cause.message;
    if (code === invalidArgument && /search attribute|no mapping/i.test(said)) {
      return new RunsFailure(
        'not-set-up',
        `Temporal's namespace "${namespace}" lacks search attributes of Holdpoint (${said}). Create them: temporal operator search-attribute create, once per name.`,
        { cause: error },
      );
    }
    if (code === invalidArgument)
      return new RunsFailure('refused', `Temporal refused the request: ${said}.`, { cause: error });
    if (denied.includes(code))
      return new RunsFailure(
        'not-set-up',
        'Temporal refused the credentials of this process. Check TEMPORAL_API_KEY or the TEMPORAL_TLS_* settings.',
        { cause: error },
      );
  }
  if (isGrpcServiceError(cause) || error instanceof ServiceError)
    return new RunsFailure('unavailable', 'Temporal could not be reached in time. Nothing is lost; try again.', {
      cause: error,
    });
  throw error;
}

/** What the client's own error wraps. */
function causeOf(error: unknown): unknown {
  return error instanceof ServiceError && error.cause !== undefined ? error.cause : error;
}
