import { noAssistant } from '../domain/standalone-approval.ts';
import { mayControl, maySee, mayStart } from './policy.ts';
import type { Run } from '../schemas/rest.ts';
import type { Caller, NewRun, RunsPort } from './ports.ts';
import { RestFailure } from './rest-failure.ts';

/** The runs as one caller sees them. Those that it may not see do not exist. */
export type CallerRuns = Pick<
  RunsPort,
  'get' | 'record' | 'history' | 'stopped' | 'list' | 'changes' | 'cancel' | 'retry' | 'send'
> & {
  readonly caller: string;
  /** Names of the list that this caller may start. */
  startable: (assistants: readonly string[]) => string[];
  /** @throws RestFailure `forbidden` if the caller may not start runs of the assistant. */
  checkStart: (assistant: string, path: string) => void;
  create: (run: Omit<NewRun, 'caller'>) => ReturnType<RunsPort['create']>;
  /** @throws RestFailure `forbidden` if the caller neither asked for the approval nor may control it. */
  checkAnswer: (run: Pick<Run, 'id' | 'caller'>) => void;
  signalAsked: RunsPort['signalAsked'];
};

/** Applies a caller's permissions to the runs. */
export function runsOfCaller(caller: Caller, runs: RunsPort): CallerRuns {
  const { name, scopes } = caller;
  const seesAll = scopes.read === 'all';
  const sees = async (id: string): Promise<boolean> => {
    if (seesAll) return true;
    const owner = await runs.callerOf(id);
    return owner !== undefined && maySee(caller, owner);
  };
  /** False for a run that does not exist for the caller. @throws RestFailure `forbidden` for one that it only sees. */
  const controls = async (id: string): Promise<boolean> => {
    if (seesAll && scopes.control === 'all') return true;
    const owner = await runs.callerOf(id);
    if (owner === undefined || !maySee(caller, owner)) return false;
    if (mayControl(caller, owner)) return true;
    throw new RestFailure(
      'forbidden',
      `The caller "${name}" may not control the run "${id}"${owner === null ? '' : ` of "${owner}"`}.`,
    );
  };
  const checkStart = (assistant: string, path: string): void => {
    if (mayStart(caller, assistant)) return;
    const may = scopes.start === 'all' || scopes.start.length === 0 ? 'none' : scopes.start.join(', ');
    throw new RestFailure(
      'forbidden',
      `The caller "${name}" may not start the assistant "${assistant}". It may start: ${may}.`,
      path,
    );
  };
  return {
    caller: name,
    startable: (assistants) => assistants.filter((assistant) => mayStart(caller, assistant)),
    checkStart,
    async create(run) {
      if (run.approval === undefined || run.assistant !== noAssistant) checkStart(run.assistant, 'body.assistant');
      return runs.create({ ...run, caller: name });
    },
    checkAnswer({ id, caller: owner }) {
      if (owner === name || mayControl(caller, owner)) return;
      throw new RestFailure('forbidden', `The caller "${name}" did not ask for the approval "${id}".`);
    },
    signalAsked: (id, hint) => runs.signalAsked(id, hint),
    async get(id) {
      const run = await runs.get(id);
      return run && maySee(caller, run.caller) ? run : undefined;
    },
    record: async (id, before) => ((await sees(id)) ? runs.record(id, before) : undefined),
    history: async (id) => ((await sees(id)) ? runs.history(id) : undefined),
    stopped: async (id) => ((await sees(id)) ? runs.stopped(id) : undefined),
    async list(filter) {
      if (seesAll) return runs.list(filter);
      if (filter.caller !== undefined && filter.caller !== name) return { runs: [], nextPageToken: null };
      const page = await runs.list({ ...filter, caller: name });
      // Only the memo of a run says who sees it.
      return { ...page, runs: page.runs.filter((run) => maySee(caller, run.caller)) };
    },
    async *changes(id, signal) {
      if (await sees(id)) yield* runs.changes(id, signal);
    },
    cancel: async (id) => ((await controls(id)) ? runs.cancel(id) : 'closed'),
    retry: async (id) => ((await controls(id)) ? runs.retry(id) : 'closed'),
    send: async (id, message) => ((await controls(id)) ? runs.send(id, message) : 'not-found'),
  };
}
