/** A running process. */
export type StartedProcess = {
  pid: number;
  /** The content of its readiness line. */
  ready: Readonly<Record<string, unknown>>;
  /** Settles when it has ended, with its exit code or signal as text. */
  exited: Promise<string>;
  /** Asks it to finish, and kills it when it takes too long. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
};
