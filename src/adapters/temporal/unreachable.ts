import { whenReachable, type StartWait } from '@holdpoint/process';
import { ServiceError, type Client } from '@temporalio/client';

/** Says that Temporal can't be reached: its address, the variable that names it, and the cause. */
export function unreachable(address: string, error: unknown): string {
  return `Temporal at ${address} (TEMPORAL_ADDRESS) can't be reached: ${reasonOf(error)}.`;
}

/** Connects, and waits while Temporal is away. @throws Error that names the address and the variable. */
export async function connected<Connection>(
  address: string,
  connect: () => Promise<Connection>,
  wait: StartWait,
): Promise<Connection> {
  const attempt = async () => {
    try {
      return await connect();
    } catch (cause) {
      throw new Unreachable(
        `${unreachable(address, cause)} Start Temporal there, or correct TEMPORAL_ADDRESS and the credentials: TEMPORAL_API_KEY, TEMPORAL_TLS_*.`,
        { cause },
      );
    }
  };
  return await whenReachable({ what: whatAt(address), attempt, isAway: (error) => !isRefusal(error), reasonOf, wait });
}

/** Makes first calls, and repeats them while the server begins to serve. */
export async function whenServing<Result>(
  address: string,
  attempt: () => Promise<Result>,
  wait: StartWait,
): Promise<Result> {
  return await whenReachable({ what: whatAt(address), attempt, isAway: isUnavailable, reasonOf, wait });
}

const whatAt = (address: string) => `Temporal at ${address} (TEMPORAL_ADDRESS)`;

/** A wrong key or certificate stays wrong. */
function isRefusal(error: unknown): boolean {
  return chainOf(error).some(({ message }) =>
    /certificate|UnknownIssuer|unauthenticated|permission ?denied|handshake|InvalidMessage|CorruptMessage/i.test(
      message,
    ),
  );
}

// UNAVAILABLE and DEADLINE_EXCEEDED of gRPC.
function isUnavailable(error: unknown): boolean {
  return chainOf(error).some((each) => 'code' in each && (each.code === 14 || each.code === 4));
}

function chainOf(error: unknown): Error[] {
  return error instanceof Error ? [error, ...chainOf(error.cause)] : [];
}

class Unreachable extends Error {
  override readonly name = 'Unreachable';
  readonly complete = true;
}

/** The words of the innermost error that has some. */
function reasonOf(error: unknown): string {
  const { details } = ((error instanceof ServiceError ? error.cause : error) ?? {}) as { details?: string };
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const text = details || (cause instanceof Error ? cause.message : String(cause));
  // The native connection writes Rust's debug form.
  const [, words] = /(?:message|error): "([^"]+)"/.exec(text) ?? [];
  return (words ?? text).replace(/\.$/, '');
}

/** The address of a client's connection, for messages. */
export function addressOf({ connection }: Client): string {
  return (connection as { options?: { address?: string } }).options?.address ?? 'its address';
}
