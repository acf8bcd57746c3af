import type { Json } from '@holdpoint/json';
import { largestContextBytes, type Run } from '../schemas/rest.ts';
import type { CallerRuns } from './caller-runs.ts';
import type { NewRun } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { newRunId, runIdOfKey } from './run-identity.ts';

type NewRunOfCaller = Omit<NewRun, 'id' | 'caller'>;

export type Starting = {
  /** The id or idempotency key from the caller. */
  request: { id?: string | undefined; idempotencyKey?: string | undefined; keyPath: string };
  run: NewRunOfCaller;
  /** Start of a new id. */
  idStart: string;
  /** `idTaken`: sentence for an id that is taken. `large`: path of the part that may be too large for the history. */
  texts: { idTaken: (id: string) => string; large: string };
  now: () => Date;
};

/**
 * Starts a run with the caller's id or key, or with a new random id. Status 200: the same request was sent earlier.
 * @throws RestFailure `run-id-taken`, `idempotency-key-reused`, `payload-too-large`.
 */
export async function startRun(
  runs: CallerRuns,
  { request, run, idStart, texts, now }: Starting,
): Promise<{ run: Run; status: 200 | 201 }> {
  const chosen = chosenId(request, runs.caller);
  const { id, outcome } =
    chosen === undefined
      ? await createFresh(runs, run, () => newRunId(idStart, now()))
      : { id: chosen, outcome: await runs.create({ ...run, id: chosen }) };
  if (outcome === 'taken') throw taken(request, texts.idTaken(id));
  if (outcome === 'too-large')
    throw new RestFailure(
      'payload-too-large',
      'Values above 64 KB need a database, and this gateway has none. Set HOLDPOINT_DATABASE_URL, or send less.',
      texts.large,
    );
  return { run: await findRun(runs, id), status: outcome === 'started' ? 201 : 200 };
}

/** The run id from the caller's id or key. Undefined without either. */
export function chosenId(
  { id, idempotencyKey }: Omit<Starting['request'], 'keyPath'>,
  caller: string,
): string | undefined {
  return id ?? (idempotencyKey === undefined ? undefined : runIdOfKey(idempotencyKey, caller));
}

/** The failure for an id or key of another request. The header's status is that of its draft standard. */
function taken({ id, keyPath }: Starting['request'], says: string): RestFailure {
  const [code, given, path] =
    id !== undefined
      ? (['run-id-taken', 'id', 'body.id'] as const)
      : keyPath === 'body.idempotencyKey'
        ? (['run-id-taken', 'idempotencyKey', keyPath] as const)
        : (['idempotency-key-reused', 'Idempotency-Key', keyPath] as const);
  return new RestFailure(code, `${says} Use another ${given}, or send the same request.`, path);
}

/** `path`: the part of the request with the id, if not the address. @throws RestFailure `run-not-found`. */
export async function findRun(runs: Pick<CallerRuns, 'get'>, id: string, path?: string): Promise<Run> {
  const run = await runs.get(id);
  if (!run) throw new RestFailure('run-not-found', `There is no run "${id}".`, path);
  return run;
}

/** @throws RestFailure for JSON that is too large, with `advice`, or nested too deeply to be written again. */
export function checkSize(
  value: Json | undefined,
  largestBytes: number,
  path: string,
  advice = 'Send a reference instead.',
): void {
  const bytes = bytesOf(value ?? null);
  if (bytes === undefined) throw new RestFailure('invalid-request', 'This value is nested too deeply.', path);
  if (bytes > largestBytes)
    throw new RestFailure(
      'payload-too-large',
      `This value has ${bytes} bytes of JSON. The limit is ${largestBytes}. ${advice}`,
      path,
    );
}

/** Checks the size of a run's `context`. @throws RestFailure. */
export function checkContext(context: Json | undefined): void {
  checkSize(context, largestContextBytes, 'body.context');
}

function bytesOf(value: Json): number | undefined {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Tries random ids until one is free. */
async function createFresh(
  runs: CallerRuns,
  run: NewRunOfCaller,
  newId: () => string,
): Promise<{ id: string; outcome: 'started' | 'too-large' }> {
  for (;;) {
    const id = newId();
    const outcome = await runs.create({ ...run, id });
    if (outcome === 'started' || outcome === 'too-large') return { id, outcome };
  }
}
