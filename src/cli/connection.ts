import { usageExitCode } from '@holdpoint/process';
import { createClient, type Client } from '../client.ts';

/** Addresses and keys of a running `holdpoint dev`. Its keys are used for its own servers only. */
type RunningStack = {
  gateway: { url: string; apiKey: string };
  reviewServer: { url: string; reviewerToken: string | null };
};

/** Addresses and keys from the environment, and the dev stack that runs here. */
export type RunSettings = {
  gatewayUrl?: string | undefined;
  apiKey?: string | undefined;
  reviewUrl?: string | undefined;
  reviewerToken?: string | undefined;
  reviewerName?: string | undefined;
  reviewerPassword?: string | undefined;
  running?: RunningStack | undefined;
};

/** Options that every run command takes. */
export type ConnectionFlags = { gatewayUrl?: string; apiKey?: string };

/** The command is valid and failed. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode = 1;
}

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly exitCode = usageExitCode;
}

/**
 * A client of the gateway. Flags take precedence over the environment, and that over the running dev stack.
 * @throws UsageError when there is no API key, or the address is invalid.
 */
export function connect(flags: ConnectionFlags, settings: RunSettings): Client {
  const { url, key } = gatewayAccess(flags, settings);
  if (key === undefined)
    throw new UsageError(
      `No API key for the gateway at ${url}. Start a stack with: npx holdpoint dev. Or set HOLDPOINT_API_KEY, or pass --api-key. A stack's own key is apiKey in its .holdpoint/keys.json; HOLDPOINT_DATA_DIR names another folder.`,
    );
  try {
    return createClient({ url, apiKey: key });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

/** True if an API key of the gateway is given. */
export function hasGatewayKey(flags: ConnectionFlags, settings: RunSettings): boolean {
  return gatewayAccess(flags, settings).key !== undefined;
}

/** Where the gateway's address comes from, for messages. */
export function gatewayAddressFrom(flags: ConnectionFlags, { gatewayUrl, running }: RunSettings): string {
  if (flags.gatewayUrl !== undefined) return '--gateway-url has this address';
  if (gatewayUrl !== undefined) return 'HOLDPOINT_GATEWAY_URL has this address';
  return `This is the address of ${running ? 'the "holdpoint dev" of this folder' : 'a "holdpoint dev" without options'}; HOLDPOINT_GATEWAY_URL or --gateway-url names another one`;
}

function gatewayAccess(flags: ConnectionFlags, { gatewayUrl, apiKey, running }: RunSettings) {
  const url = flags.gatewayUrl ?? gatewayUrl ?? running?.gateway.url ?? 'http://127.0.0.1:7341';
  return { url, key: flags.apiKey ?? apiKey ?? (url === running?.gateway.url ? running.gateway.apiKey : undefined) };
}

/** Address and credentials of a reviewer. */
export type ReviewerAccess = { url: string; token?: string; name?: string; password?: string };

/** The review server of the environment, else of the running dev stack. Undefined when there is neither. */
export function reviewerAccess({
  reviewUrl,
  reviewerToken,
  reviewerName,
  reviewerPassword,
  running,
}: RunSettings): ReviewerAccess | undefined {
  const url = reviewUrl ?? running?.reviewServer.url;
  if (url === undefined) return undefined;
  const token =
    reviewerToken ??
    (url === running?.reviewServer.url ? (running.reviewServer.reviewerToken ?? undefined) : undefined);
  return {
    url: url.replace(/\/+$/, ''),
    ...(token && { token }),
    ...(reviewerName && { name: reviewerName }),
    ...(reviewerPassword && { password: reviewerPassword }),
  };
}
