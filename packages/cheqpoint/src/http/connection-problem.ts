/* Finds the error behind the "fetch failed" of Node's fetch: a system call, TLS or undici, in the chain of `cause`. */

type Problem = { code?: unknown; syscall?: unknown; message?: unknown; cause?: unknown; errors?: unknown };

/** Codes of OpenSSL and Node for a refused certificate. The certificate is checked before the request is written. */
const refusedCertificate =
  /^(CERT_|CRL_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT_|ERR_TLS_CERT_|ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG)/;

/**
 * True if the error proves that no byte of the request was sent: no address, no connection, or a refused certificate.
 */
export function neverConnected(error: unknown): boolean {
  return chain(error).some(
    ({ code, syscall }) =>
      syscall === 'connect' ||
      syscall === 'getaddrinfo' ||
      code === 'UND_ERR_CONNECT_TIMEOUT' ||
      (typeof code === 'string' && refusedCertificate.test(code)),
  );
}

/** The innermost cause, as code and message. */
export function problemOf(error: unknown): string {
  const { code, message } = chain(error).at(-1) ?? {};
  const name = typeof code === 'string' ? code : '';
  const text = typeof message === 'string' ? message.replaceAll(/\s+/g, ' ').trim() : '';
  return [text.includes(name) ? '' : name, text].filter(Boolean).join(', ') || 'the connection failed';
}

function chain(error: unknown): Problem[] {
  const found: Problem[] = [];
  for (let next = error; typeof next === 'object' && next !== null && found.length < 10;) {
    const problem: Problem = next;
    found.push(problem);
    // Node tried several addresses, and none accepted a connection. The first error is reported.
    next = problem.cause ?? (Array.isArray(problem.errors) ? problem.errors[0] : undefined);
  }
  return found;
}
