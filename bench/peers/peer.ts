/** What a peer works in. */
export type World = {
  /** An empty PostgreSQL database of its own, or one that an earlier process of it left. */
  databaseUrl: string;
  /** The peer's own server, where it has one. */
  server?: { ingress: string; admin: string };
  /** Holdpoint's review server, for the loop that asks there. */
  review?: { url: string; connectionKey: string; reviewer: string; password: string };
  /** A folder that outlives the process. */
  folder: string;
  /** The tool: to be called once for each approved run, after its wait. */
  act: (item: string) => Promise<string>;
};

/** One way to let a run wait for a person: start, pause, decide, act. */
export type Peer = {
  /** Starts a run; resolves when its wait would survive this process. */
  pause(item: string): Promise<void>;
  /** Approves; resolves when the engine has taken the decision, or there was none to take. */
  decide(item: string): Promise<void>;
  /** Resolves when the run has ended. */
  ended(item: string): Promise<void>;
};
