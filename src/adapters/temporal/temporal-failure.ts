import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client';
import { unreachable } from './unreachable.ts';
import { RunsFailure } from '../../domain/runs-failure.ts';

/** gRPC's INVALID_ARGUMENT. */
const invalidArgument: number = 3;
/** gRPC's NOT_FOUND and UNIMPLEMENTED. */
const [notFound, unimplemented] = [5, 12];
/** gRPC's CANCELLED, DEADLINE_EXCEEDED and UNAVAILABLE. */
const noAnswer: number[] = [1, 4, 14];
/** gRPC's PERMISSION_DENIED and UNAUTHENTICATED. */
const denied = [7, 16];

/** True if Temporal refused the form of a request, such as a malformed id. A retry would be refused too. */
export function isInvalidArgument(error: unknown): boolean {
  const cause = causeOf(error);
  return isGrpcServiceError(cause) && Number(cause.code) === invalidArgument;
}

/** True if the run has reached Temporal's limit of ten thousand Signals. */
export function takesNoMoreSignals(error: unknown): boolean {
  const cause = causeOf(error);
  return isGrpcServiceError(cause) && /limit for signal/.test(cause.details);
}

/** Maps an error of Temporal's client to a RunsFailure. Rethrows other errors. */
export function toRunsFailure(error: unknown, namespace: string, address: string): RunsFailure {
  if (error instanceof RunsFailure) return error;
  const cause = causeOf(error);
  if (error instanceof NamespaceNotFoundError) return noNamespace(namespace, error);
  if (isGrpcServiceError(cause)) {
    const code: number = cause.code;
    const detail = cause.details || cause.message;
    if (code === invalidArgument && /search attribute|no mapping/i.test(detail)) {
      return new RunsFailure(
        'not-set-up',
        `Temporal's namespace "${namespace}" lacks Holdpoint's search attributes (${detail}). Create each with: temporal operator search-attribute create.`,
        { cause: error },
      );
    }
    if (takesNoMoreSignals(error))
      return new RunsFailure(
        'refused',
        "The run has had 10,000 Signals, which is Temporal's limit. It accepts no more orders.",
        {
          cause: error,
        },
      );
    if (code === notFound && /namespace/i.test(detail)) return noNamespace(namespace, error);
    if (code === unimplemented)
      return new RunsFailure(
        'not-set-up',
        `The Temporal server does not know a request: ${detail}. Holdpoint needs server 1.28 or newer.`,
        {
          cause: error,
        },
      );
    if (code === invalidArgument)
      return new RunsFailure('refused', `Temporal refused the request: ${detail}.`, { cause: error });
    if (denied.includes(code))
      return new RunsFailure(
        'not-set-up',
        'Temporal refused the credentials of this process. Check TEMPORAL_API_KEY or the TEMPORAL_TLS_* settings.',
        { cause: error },
      );
  }
  if (isGrpcServiceError(cause) && !noAnswer.includes(cause.code))
    return new RunsFailure(
      'unavailable',
      `Temporal answered with an error: ${cause.details || cause.message}. Try again.`,
      {
        cause: error,
      },
    );
  if (isGrpcServiceError(cause) || error instanceof ServiceError)
    return new RunsFailure('unavailable', `${unreachable(address, error)} Try again.`, { cause: error });
  throw error;
}

function noNamespace(namespace: string, cause: unknown): RunsFailure {
  return new RunsFailure(
    'not-set-up',
    `Temporal has no namespace "${namespace}". Set TEMPORAL_NAMESPACE, or create it: temporal operator namespace create -n ${namespace}`,
    { cause },
  );
}

/** The gRPC error below the client's error. */
function causeOf(error: unknown): unknown {
  return error instanceof ServiceError && error.cause !== undefined ? error.cause : error;
}
