/** Environment of a peer. */
export type World = {
  /** PostgreSQL database of this peer: empty, or left by its previous process. */
  databaseUrl: string;
  /** The peer's server, if it has one. */
  server?: { ingress: string; admin: string };
  /** Holdpoint's review server, for the guide's loop. */
  review?: { url: string; connectionKey: string; reviewer: string; password: string };
  /** Folder that survives the process. */
  folder: string;
  /** The tool: called once for each approved run, after its wait. */
  act: (item: string) => Promise<string>;
};

/** A system with runs that wait for a person: start, pause, decide, act. */
export type Peer = {
  /** Starts a run. Resolves when its wait survives this process. */
  pause(item: string): Promise<void>;
  /** Approves. Resolves when the engine has stored the decision, or had nothing to decide. */
  decide(item: string): Promise<void>;
  /** Resolves when the run has ended. */
  ended(item: string): Promise<void>;
};
