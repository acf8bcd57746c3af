import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallbackClaim, createCallbackTokens } from '../../src/signing/callback-token.ts';

/** A callback of the review server. */
export type HeldCallback = CallbackClaim & { path: string; body: string };

export type CallbackRelay = {
  /** Public URL for workers, in place of the gateway's. */
  url: string;
  /** Waits for the callback of this run. */
  of(workflowId: string): Promise<HeldCallback>;
  /** Passes callbacks on to the gateway until the returned function is called. */
  passOnTo(gatewayUrl: string): () => void;
  close(): void;
};

/** Holds callbacks, so that the benchmark controls when one reaches the gateway, or sends the Signal itself. */
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
