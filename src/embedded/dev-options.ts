import type { Environment } from '../config/environment.ts';
import type { PayloadEncryption } from '../schemas/payload-keys.ts';

export type DevStackOptions = {
  /** Path of the user's config. */
  configFile: string;
  /** Folder for state and generated keys. Null: a temporary folder, removed at the end. */
  dataDir: string | null;
  /** Environment for the user's code, `PATH` and pip. Variables that Holdpoint reads are removed from it. */
  environment: Environment;
  /** Path of the `temporal` program. @default found on this machine, else fetched */
  temporalCli?: string | undefined;
  /** A running Temporal server, with its TEMPORAL_* variables. @default the embedded one */
  temporal?: { address: string; environment: Readonly<Record<string, string>> } | undefined;
  /** @default the stand-in for the model */
  openai?: { apiKey: string; baseURL?: string | undefined; webhookSecret?: string | undefined } | undefined;
  /** Encrypts what Temporal stores. @default values are stored in clear */
  encryption?: PayloadEncryption | undefined;
  /** Longest silence of the model. @default the worker's */
  modelSilenceSeconds?: number | undefined;
  /**
   * Hosted Cheqpoint, or your own review server. `publicUrl: 'gateway'` is the stack's gateway, for a review server on
   * this machine.
   * @default a local review server
   */
  cheqpoint?:
    | { connectionKey: string; baseUrl: string; publicUrl?: string | undefined; webhookSecret?: string | undefined }
    | undefined;
  /** The settings of an OpenID Connect provider, for the local review server. @default passwords only */
  identityProvider?: Readonly<Record<string, string>> | undefined;
  /**
   * Where the local review server may send callbacks, beside the gateway.
   * @default all ports of this machine
   */
  callbackHosts?: 'any' | readonly string[] | undefined;
  /**
   * Gateway, review server, stand-in, Temporal and its UI take this port and the four after it.
   * @default 7341–7343, 7233, 8233, or the next free ones
   */
  portBase?: number | undefined;
  /**
   * True if a change of the config, or of a file that it loads, replaces the worker.
   * @default true
   */
  watch?: boolean;
  /** Takes lines for the user. */
  log: (line: string) => void;
};

/** The name of the local review server's reviewer. */
export const devReviewer = 'you';
