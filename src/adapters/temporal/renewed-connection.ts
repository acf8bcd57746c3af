import { Connection } from '@temporalio/client';

type GrpcClient = InstanceType<typeof Connection.Client>;
type GrpcArguments = ConstructorParameters<typeof Connection.Client>;
type Callable = { makeUnaryRequest(...request: unknown[]): unknown };

/** State CONNECTING of a channel in grpc-js. */
const connecting = 1;

/**
 * `Connection` of Temporal's client that gives up an attempt to connect.
 *
 * grpc-js waits without end for the first HTTP/2 frame of a server that accepted the connection and then fell silent: a host
 * that was lost, a frozen server or a firewall. Every call failed until a restart of the process. Here the channel is
 * closed after `longestMs` in one attempt, and a new one takes the next calls.
 *
 * @param longestMs In milliseconds. Default: 20,000, gRPC's own limit on an attempt.
 */
export function renewedConnection(longestMs = 20_000): typeof Connection {
  /** The part of a gRPC client that `Connection` uses. */
  class RenewedClient {
    private readonly open: () => GrpcClient;
    private current: GrpcClient;
    private isWatched = false;
    /** Unanswered calls of each client. */
    private readonly calls = new Map<GrpcClient, number>();

    constructor(...[address, credentials, options]: GrpcArguments) {
      // A shared pool would give the new channel the connection of the old one.
      const own = { ...options, 'grpc.use_local_subchannel_pool': 1 };
      this.open = () => new Connection.Client(address, credentials, own);
      this.current = this.open();
    }

    makeUnaryRequest(...request: unknown[]): unknown {
      const client = this.current;
      const answer = request.pop() as (...given: unknown[]) => void;
      this.calls.set(client, (this.calls.get(client) ?? 0) + 1);
      const ended = (...given: unknown[]) => {
        this.calls.set(client, this.calls.get(client)! - 1);
        this.closeIfUnused(client);
        answer(...given);
      };
      const call = (client as unknown as Callable).makeUnaryRequest(...request, ended);
      this.watch();
      return call;
    }

    waitForReady(...request: Parameters<GrpcClient['waitForReady']>): void {
      this.current.waitForReady(...request);
      this.watch();
    }

    getChannel(): ReturnType<GrpcClient['getChannel']> {
      return this.current.getChannel();
    }

    close(): void {
      this.current.close();
    }

    /** Replaces the client if its channel stays in one attempt to connect. */
    private watch(): void {
      const watched = this.current;
      const channel = watched.getChannel();
      const state = channel.getConnectivityState(false);
      if (this.isWatched || Number(state) !== connecting) return;
      this.isWatched = true;
      channel.watchConnectivityState(state, Date.now() + longestMs, (noChange) => {
        this.isWatched = false;
        if (noChange === undefined) return;
        this.current = this.open();
        this.closeIfUnused(watched);
      });
    }

    /** The SDK's repetition of a call throws where nothing catches it when the channel is closed. */
    private closeIfUnused(client: GrpcClient): void {
      if (client === this.current || this.calls.get(client)) return;
      this.calls.delete(client);
      client.close();
    }
  }
  return class extends Connection {
    static override readonly Client = RenewedClient as unknown as typeof Connection.Client;
  };
}
