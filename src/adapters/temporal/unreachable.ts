import { ServiceError, type Client } from '@temporalio/client';

/** Says that Temporal can't be reached: its address, the variable that names it, and the cause. */
export function unreachable(address: string, error: unknown): string {
  return `Temporal at ${address} (TEMPORAL_ADDRESS) can't be reached: ${reasonOf(error)}.`;
}

/** Connects. @throws Error that names the address and the variable. */
export async function connected<Connection>(address: string, connect: () => Promise<Connection>): Promise<Connection> {
  try {
    return await connect();
  } catch (cause) {
    throw new Unreachable(
      `${unreachable(address, cause)} Start Temporal there, or correct TEMPORAL_ADDRESS and the credentials: TEMPORAL_API_KEY, TEMPORAL_TLS_*.`,
      { cause },
    );
  }
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
