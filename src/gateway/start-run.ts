import type { Json } from '@holdpoint/json';
import { largestContextBytes, type Run } from '../schemas/rest.ts';
import type { NewRun, RunsPort } from './ports.ts';
import { RestFailure } from './rest-failure.ts';
import { newRunId, runIdOfKey } from './run-identity.ts';

export type Starting = {
  /** The caller's choice of an id, or of the key that it is made from. */
  request: { id?: string | undefined; idempotencyKey?: string | undefined };
  run: Omit<NewRun, 'id'>;
  /** What a new id begins with. */
  named: string;
  /** What was done under an id before, and the place of what may be too large for the history. */
  words: { begun: (id: string) => string; large: string };
  now: () => Date;
};

/**
 * Starts a run under the caller's id or key, or under a new random id; 200 when the same request had started it before.
 * @throws RestFailure `run-id-taken`, `payload-too-large`.
 */
export async function startRun(
  runs: RunsPort,
  { request, run, named, words, now }: Starting,
): Promise<{ run: Run; status: 200 | 201 }> {
  const chosen = chosenId(request);
  const { id, outcome } =
    chosen === undefined
      ? await createFresh(runs, run, () => newRunId(named, now()))
      : { id: chosen, outcome: await runs.create({ ...run, id: chosen }) };
  const given = request.id === undefined ? 'idempotencyKey' : 'id';
  if (outcome === 'taken')
    throw new RestFailure(
      'run-id-taken',
      `${words.begun(id)} Use another ${given}, or send the same request.`,
      `body.${given}`,
    );
  if (outcome === 'too-large')
    throw new RestFailure(
      'payload-too-large',
      'What has more than 64 KB is kept in the database, and this gateway has none. Set HOLDPOINT_DATABASE_URL, or send less.',
      words.large,
    );
  return { run: await findRun(runs, id), status: outcome === 'started' ? 201 : 200 };
}

/** The id that the caller's id or key stands for; undefined without either. */
export function chosenId({ id, idempotencyKey }: Starting['request']): string | undefined {
  return id ?? (idempotencyKey === undefined ? undefined : runIdOfKey(idempotencyKey));
}

/** `path`: where in the request it is named, if not in its address. @throws RestFailure `run-not-found`. */
export async function findRun(runs: RunsPort, id: string, path?: string): Promise<Run> {
  const run = await runs.get(id);
  if (!run) throw new RestFailure('run-not-found', `There is no run "${id}".`, path);
  return run;
}

/** Refuses JSON that is larger than a history takes, or nested beyond what can be written again. `advice`: how to make it smaller. @throws RestFailure. */
export function checkSize(
  value: Json | undefined,
  largestBytes: number,
  path: string,
  advice = 'Put a reference into it instead.',
): void {
  const bytes = bytesOf(value ?? null);
  if (bytes === undefined) throw new RestFailure('invalid-request', 'This is nested too deeply.', path);
  if (bytes > largestBytes)
    throw new RestFailure(
      'payload-too-large',
      `This has ${bytes} bytes of JSON; at most ${largestBytes} are taken. ${advice}`,
      path,
    );
}

/** As `checkSize`, for the `context` of a run. */
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

/** One that is in use already is nobody's idempotency: the next one is tried. */
async function createFresh(
  runs: RunsPort,
  run: Omit<NewRun, 'id'>,
  newId: () => string,
): Promise<{ id: string; outcome: 'started' | 'too-large' }> {
  for (;;) {
    const id = newId();
    const outcome = await runs.create({ ...run, id });
    if (outcome === 'started' || outcome === 'too-large') return { id, outcome };
  }
}
