/** The exact bytes of a request's body. Undefined when it has more than `bytes`. */
export async function readAtMost(request: Request, bytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let read = 0;
  for await (const chunk of request.body ?? []) {
    read += chunk.byteLength;
    if (read > bytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
