import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallbackClaim, createCallbackTokens } from '../../src/signing/callback-token.ts';

/** A callback as the review server sent it. */
export type HeldCallback = CallbackClaim & { path: string; body: string };

export type CallbackRelay = {
  /** Stands in the gateway's place, as a worker's public URL. */
  url: string;
  /** The callback for this run; waits for it. */
  of(workflowId: string): Promise<HeldCallback>;
  /** Holds nothing from now on, but passes every callback on to the gateway, until what it returns is called. */
  passOnTo(gatewayUrl: string): () => void;
  close(): void;
};

/** Takes callbacks and holds them, so that the benchmark says when one reaches the gateway, or sends the Signal itself. */
export async function startCallbackRelay(tokens: ReturnType<typeof createCallbackTokens>): Promise<CallbackRelay> {
  const held = new Map<string, HeldCallback>();
  const waiting = new Map<string, (callback: HeldCallback) => void>();
  let gateway: string | undefined;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => void (body += chunk));
    request.on('end', () => {
      const path = request.url as string;
      if (gateway !== undefined) {
        fetch(`${gateway}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then(
          ({ status }) => response.writeHead(status).end(),
          () => response.writeHead(503).end(),
        );
        return;
      }
      const claim = tokens.verify(path.split('/').at(-1) ?? '');
      response.writeHead(claim === undefined ? 401 : 200).end();
      if (claim === undefined) return;
      held.set(claim.workflowId, { ...claim, path, body });
      waiting.get(claim.workflowId)?.({ ...claim, path, body });
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    of: async (workflowId) =>
      held.get(workflowId) ??
      (await new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`The review server did not call back for ${workflowId} within 60 s.`)),
          60_000,
        );
        waiting.set(workflowId, (callback) => {
          clearTimeout(timer);
          resolve(callback);
        });
      })),
    passOnTo(gatewayUrl) {
      gateway = gatewayUrl;
      return () => void (gateway = undefined);
    },
    close: () => void (server.closeAllConnections(), server.close()),
  };
}
