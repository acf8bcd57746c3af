/** A process that is up. */
export type StartedProcess = {
  pid: number;
  /** What it said about itself when it was ready. */
  ready: Readonly<Record<string, unknown>>;
  /** Settles when it has ended, with how. */
  exited: Promise<string>;
  /** Lets it finish what is under way; ends it hard after a while. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
};
