import { Client } from '@temporalio/client';
import {
  NativeConnection,
  type BundleOptions,
  type BundlerPlugin,
  type ReplayWorkerOptions,
  type Worker,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';
import { EarlyReads } from '../activities/early-reads.ts';
import { createActivities } from '../activities/index.ts';
import type { WorkerDependencies } from '../activities/context.ts';
import type { SurfaceLog } from '../adapters/openai/surface-log.ts';
import { watchReviewClock } from '../adapters/review-clock.ts';
import { activityLog } from './activity-log.ts';
import {
  checkHoldpointOptions,
  defaultStartWaitMs,
  refuseUnknownGroups,
  reviewServices,
  runtimeLog,
  type HoldpointOptions,
} from './holdpoint-options.ts';
import { joinWorkflows, refuseForeignBundle } from './join-workflows.ts';
import { openDependencies, prepareSchedule, prepareServer } from './open-dependencies.ts';
import { replayedSinks, runSinks } from './run-sinks.ts';
import { workerDefaults } from './run-worker.ts';
import { besideToolWorker, createToolWorker, stopWorker } from './tool-worker.ts';
import { workflowsPath } from './workflow-bundle.ts';

const pluginName = 'holdpoint';

type Activities = ReturnType<typeof createActivities>;
const activityNames = [
  'takeTurn',
  'requestApproval',
  'settleToolCall',
  'withdrawApproval',
  'answerQuestions',
  'reconcile',
] as const satisfies ReadonlyArray<keyof Activities>;

/**
 * A plugin for your own Temporal Worker. It adds the Run Workflow, its Activities with your tools, and the search
 * attributes, on your Worker's Task Queue. The Worker keeps its connection, data converter, interceptors, Activities
 * and Workflows. The Task Queue of `config` is not used. Give the plugin to `Worker.create`, to `bundleWorkflowCode`
 * and to replay workers, or once to the connection.
 * @throws Error for malformed options.
 * @example
 * const worker = await Worker.create({
 *   connection, taskQueue: 'shop', workflowsPath, activities,
 *   plugins: [new HoldpointPlugin({ config, databaseUrl, secrets, openai: { apiKey }, cheqpoint: { connectionKey } })],
 * });
 */
export class HoldpointPlugin implements WorkerPlugin, BundlerPlugin {
  readonly name = pluginName;
  readonly #options: HoldpointOptions;
  readonly #review: WorkerDependencies['review'];

  constructor(options: HoldpointOptions) {
    checkHoldpointOptions('HoldpointPlugin', options);
    this.#options = options;
    this.#review = reviewServices(
      options,
      watchReviewClock((warning) => this.#log().warn({}, warning)),
    );
    for (const assistant of options.config.assistants) this.#review(assistant);
  }

  /** @throws TypeError for options that the plugin can't be composed with. */
  async configureWorker(options: WorkerOptions): Promise<WorkerOptions> {
    refuseTwice(options.plugins);
    if (options.workflowBundle) refuseForeignBundle(options.workflowBundle);
    const { namespace = 'default', taskQueue, activities = {} } = options;
    refuseClash(activities);
    const earlyReads = new EarlyReads({ config: this.#options.config, review: this.#review });
    const sinks = withOurs(
      options.sinks,
      runSinks((read) => earlyReads.begin(read)),
    );
    await refuseUnknownGroups(this.#options, this.#log());
    const own = options.connection ? undefined : await NativeConnection.connect();
    const connection = (own ?? options.connection)!;
    const client = new Client({
      connection,
      namespace,
      ...(options.dataConverter && { dataConverter: options.dataConverter }),
    });
    try {
      await this.#prepare(connection, namespace);
    } catch (error) {
      await own?.close();
      throw error;
    }
    let live: Activities | undefined;
    return {
      ...workerDefaults,
      ...options,
      connection,
      ...(options.workflowsPath === undefined && options.workflowBundle === undefined && { workflowsPath }),
      activities: { ...activities, ...lateActivities(() => live) },
      sinks,
      interceptors: {
        ...options.interceptors,
        activity: [
          ...(options.interceptors?.activity ?? []),
          (context) => (isOurs(context.info.activityType) ? activityLog(context) : {}),
        ],
      },
      plugins: [
        ...(options.plugins ?? []),
        runPlugin(async (worker, run) => {
          const log = this.#log();
          const open = await openDependencies({
            options: this.#options,
            client,
            taskQueue,
            review: this.#review,
            log,
            wait: this.#wait(log),
          });
          try {
            live = createActivities({ ...open.dependencies, earlyReads });
            const { toolSlots } = this.#options;
            const { dataConverter } = options;
            const tools =
              toolSlots === undefined
                ? undefined
                : await createToolWorker({
                    connection,
                    namespace,
                    taskQueue,
                    toolSlots,
                    activities: live,
                    dataConverter,
                  });
            await prepareSchedule(client, taskQueue, this.#options);
            await open.publish();
            await besideToolWorker(tools, run, () => stopWorker(worker));
          } finally {
            await open.close();
            await own?.close();
          }
        }),
      ],
    };
  }

  configureReplayWorker(options: ReplayWorkerOptions): ReplayWorkerOptions {
    refuseTwice(options.plugins);
    if (options.workflowBundle) refuseForeignBundle(options.workflowBundle);
    const replaying = { ...options, sinks: withOurs(options.sinks, replayedSinks) };
    if (options.workflowsPath !== undefined || options.workflowBundle !== undefined) return replaying;
    return { ...replaying, workflowsPath };
  }

  configureBundler(options: BundleOptions): BundleOptions {
    refuseTwice(options.plugins);
    return joinWorkflows(options);
  }

  /** A namespace whose operator forbids it may have the search attributes all the same. */
  async #prepare(connection: NativeConnection, namespace: string): Promise<void> {
    try {
      await prepareServer(connection, namespace);
    } catch (error) {
      if (!isPermissionDenied(error)) throw error;
      this.#log().warn(
        { err: error },
        `Temporal does not let this worker read or create search attributes in the namespace ${namespace}. Create Holdpoint's search attributes there: docs/temporal.md lists them.`,
      );
    }
  }

  #log(): SurfaceLog {
    return this.#options.log ?? runtimeLog();
  }

  #wait(log: SurfaceLog): { longestMs: number; onProgress: (line: string) => void } {
    return {
      longestMs: this.#options.startWaitMs ?? defaultStartWaitMs,
      onProgress: (line) => log.warn({}, line),
    };
  }
}

/** Activities that exist before their database is open. */
function lateActivities(live: () => Activities | undefined): Activities {
  const late = (name: keyof Activities) => async (input: never) => {
    const activities = live();
    if (!activities) throw new Error('The worker has not opened its database yet.');
    return await activities[name](input);
  };
  return Object.fromEntries(activityNames.map((name) => [name, late(name)])) as Activities;
}

/** Opens and closes with the run of one Worker. A plugin of a connection may serve several. */
function runPlugin(around: (worker: Worker, run: () => Promise<void>) => Promise<void>): WorkerPlugin {
  return {
    name: `${pluginName}-run`,
    runWorker: (worker: Worker, next: (worker: Worker) => Promise<void>) => around(worker, () => next(worker)),
  };
}

/** Temporal runs a plugin as often as it is given. */
function refuseTwice(plugins: ReadonlyArray<{ name: string }> = []): void {
  if (plugins.filter(({ name }) => name === pluginName).length < 2) return;
  throw new TypeError(
    'HoldpointPlugin is given twice. Give it to the connection or to the Worker, not to both. Temporal adds the plugins of a connection to the options of a Worker, so make a new options object for each Worker.',
  );
}

function refuseClash(activities: object): void {
  const names = activities instanceof Map ? [...(activities as Map<string, unknown>).keys()] : Object.keys(activities);
  const clash = names.filter(isOurs);
  if (clash.length === 0) return;
  throw new TypeError(
    `HoldpointPlugin: the Worker has Activities of its own with names of Holdpoint's: ${clash.join(', ')}. Rename yours, or run Holdpoint with createWorker on another Task Queue.`,
  );
}

/** Your sinks and ours. */
function withOurs(theirs: WorkerOptions['sinks'], ours: ReturnType<typeof runSinks>) {
  if (theirs && 'holdpoint' in theirs)
    throw new TypeError('HoldpointPlugin: the Worker has a sink named "holdpoint" already. Rename yours.');
  return { ...theirs, ...ours };
}

function isOurs(name: string): boolean {
  return (activityNames as readonly string[]).includes(name);
}

function isPermissionDenied(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === 7;
}
