import type { Environment } from '../config/environment.ts';

export type DevStackOptions = {
  /** Path of the user's config. */
  configFile: string;
  /** Where state and generated keys are kept; null: a temporary folder that is removed at the end. */
  dataDir: string | null;
  /** What the user's code sees, and where `PATH` and pip's settings come from. Names that Holdpoint reads are ignored. */
  environment: Environment;
  /** The `temporal` program to use. Default: looked for. */
  temporalCli?: string | undefined;
  /** A Temporal server that is there already, with its TEMPORAL_* variables. Default: the embedded one. */
  temporal?: { address: string; environment: Readonly<Record<string, string>> } | undefined;
  /** Default: the stand-in for the model. */
  openai?: { apiKey: string; baseURL?: string | undefined; webhookSecret?: string | undefined } | undefined;
  /** Hosted Cheqpoint, or a review server of yours. Default: a local review server. */
  cheqpoint?:
    | { connectionKey: string; baseUrl: string; publicUrl?: string | undefined; webhookSecret?: string | undefined }
    | undefined;
  /** Gateway, review server, stand-in, Temporal and its UI take this port and the four after it. Default: 7341–7343, 7233, 8233. */
  portBase?: number | undefined;
  /** Whether the worker is replaced when the config or a file it loaded changes. Default true. */
  watch?: boolean;
  /** Takes lines for the person who watches. */
  log: (line: string) => void;
};

/** What the reviewer of a local review server is called. */
export const devReviewer = 'you';
