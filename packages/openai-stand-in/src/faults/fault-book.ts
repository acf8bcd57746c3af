import { newId } from '../ids.ts';
import { faultSchema, isAnswerFault, type AnswerFault, type Fault, type FaultInput, type FaultOf } from './fault.ts';

/** The facts of a request that a fault's `match` is compared with. */
export type FaultedRequest = {
  readonly method: string;
  readonly path: string;
  /** The newest user message of the conversation. */
  readonly text: string;
  readonly hasOutputs: boolean;
};

/** A fault with the number of requests that it affected. */
export type FaultState = {
  readonly id: string;
  readonly fault: Fault;
  readonly happened: number;
};

type Entry = {
  readonly id: string;
  readonly fault: Fault;
  seen: number;
  happened: number;
  readonly released: Promise<void>;
  readonly release: () => void;
};

/** The faults that match one request. A fault counts as happened when it is taken. */
export class RequestFaults {
  readonly #candidates: readonly Entry[];
  readonly #taken: string[] = [];

  constructor(candidates: readonly Entry[] = []) {
    this.#candidates = candidates;
  }

  /** The kinds of fault that happened to this request. */
  get taken(): readonly string[] {
    return this.#taken;
  }

  /** Takes the first fault that replaces the answer, if any. */
  takeAnswer(): AnswerFault | undefined {
    const fault = this.#take((entry) => isAnswerFault(entry.fault))?.fault;
    return fault !== undefined && isAnswerFault(fault) ? fault : undefined;
  }

  take<Kind extends Fault['kind']>(kind: Kind): FaultOf<Kind> | undefined {
    return this.#take(({ fault }) => fault.kind === kind)?.fault as FaultOf<Kind> | undefined;
  }

  /** Waits for all delays and holds at this stage of the request. */
  async pause(at: FaultOf<'hold'>['at']): Promise<void> {
    const isPause = ({ fault }: Entry) => (fault.kind === 'delay' || fault.kind === 'hold') && fault.at === at;
    for (let entry = this.#take(isPause); entry !== undefined; entry = this.#take(isPause, entry)) {
      const { fault, released } = entry;
      await (fault.kind === 'delay'
        ? new Promise((resolve) => {
            setTimeout(resolve, fault.milliseconds);
          })
        : released);
    }
  }

  #take(wanted: (entry: Entry) => boolean, after?: Entry): Entry | undefined {
    const start = after === undefined ? 0 : this.#candidates.indexOf(after) + 1;
    const entry = this.#candidates
      .slice(start)
      .find(
        (candidate) =>
          wanted(candidate) && (candidate.fault.times === 'always' || candidate.happened < candidate.fault.times),
      );
    if (entry === undefined) return undefined;
    entry.happened += 1;
    this.#taken.push(entry.fault.kind);
    return entry;
  }
}

function fits({ match = {} }: Fault, request: FaultedRequest): boolean {
  const pattern = (match.path ?? '/v1/*')
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return (
    (match.method === undefined || match.method.toUpperCase() === request.method) &&
    new RegExp(`^${pattern}$`).test(request.path) &&
    request.text.toLowerCase().includes((match.text ?? '').toLowerCase()) &&
    (match.outputs === undefined || match.outputs === request.hasOutputs)
  );
}

/** The active faults, in the order in which they were set. */
export class FaultBook {
  #entries: Entry[] = [];

  /** Sets a fault and returns its id. @throws ZodError for a malformed fault. */
  add(fault: FaultInput): string {
    const { promise, resolve } = Promise.withResolvers<void>();
    const id = newId('fault');
    this.#entries.push({
      id,
      fault: faultSchema.parse(fault),
      seen: 0,
      happened: 0,
      released: promise,
      release: resolve,
    });
    return id;
  }

  /** Removes a fault and releases the requests that it holds. False for an unknown id. */
  remove(id: string): boolean {
    const entry = this.#entries.find((candidate) => candidate.id === id);
    if (entry === undefined) return false;
    this.#entries = this.#entries.filter((candidate) => candidate !== entry);
    entry.release();
    return true;
  }

  clear(): void {
    for (const { id } of this.#entries) this.remove(id);
  }

  list(): readonly FaultState[] {
    return this.#entries.map(({ id, fault, happened }) => ({ id, fault, happened }));
  }

  /** Counts the request and returns the faults that match it. */
  meet(request: FaultedRequest): RequestFaults {
    const fitting = this.#entries.filter(({ fault }) => fits(fault, request));
    for (const entry of fitting) entry.seen += 1;
    return new RequestFaults(fitting.filter(({ fault, seen }) => seen >= (fault.match?.nth ?? 1)));
  }
}
