import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { keepPrivate, makePrivateFolder } from '@holdpoint/database/private-files';
import { makeSignInToken, signInByToken } from '@holdpoint/review-server/contract';
import { startRounds } from '@holdpoint/process';
import { childLog } from './child-log.ts';
import {
  devEnvironments,
  gatewayUrl,
  inboxUrl,
  localCodecUrl,
  reviewServerUrl,
  standInUrl,
} from './dev-environments.ts';
import { devKeys } from './dev-keys.ts';
import type { DevStackOptions } from './dev-options.ts';
import { devPorts } from './dev-ports.ts';
import { findDevTemporalCli, startDevTemporal } from './dev-temporal.ts';
import { tryLock } from './file-lock.ts';
import { processFile, startNodeProcess, StartFailed } from './node-process.ts';
import { removeRunningStack, writeRunningStack, type StackFacts } from './running-stack.ts';
import { supervise, type Supervised } from './supervise.ts';
import { watchFiles } from './watch-files.ts';

export type { DevStackOptions } from './dev-options.ts';

/** The running stack on this machine. A part is undefined when a server outside the stack takes its place. */
export type DevStack = {
  facts: StackFacts;
  /** A link that signs the user into the local inbox, once. Undefined with hosted Cheqpoint. */
  signInUrl: string | undefined;
  temporal: Supervised | undefined;
  reviewServer: Supervised | undefined;
  standIn: Supervised | undefined;
  gateway: Supervised;
  worker: Supervised;
  /** Stops all parts in order: worker, gateway, servers, Temporal. Safe to call twice. */
  stop(): Promise<void>;
};

/**
 * Starts the stack and resolves when all parts are ready. The stack ends with this process, even after SIGKILL.
 * @throws Error when the data folder is in use; TemporalCliMissing; StartFailed when a process does not start, because of
 * the user's config for example. The parts that were started are stopped before.
 */
export async function startDevStack(options: DevStackOptions): Promise<DevStack> {
  const { log } = options;
  const dataDir = options.dataDir === null ? await mkdtemp(join(tmpdir(), 'holdpoint-')) : resolve(options.dataDir);
  const held = tryLock(join(dataDir, 'lock'));
  if (held === undefined)
    throw new Error(
      `Another Holdpoint stack uses ${dataDir}. Stop it first, or start this one with --data-dir or --ephemeral.`,
    );
  const endings: Array<() => Promise<void> | void> = [
    () => held.release(),
    ...(options.dataDir === null ? [() => rm(dataDir, { recursive: true, force: true })] : []),
  ];
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    for (const ending of endings.toReversed()) await ending();
  };
  const stopOnce = () => (stopping ??= stop());

  try {
    const keys = devKeys(dataDir);
    const ports = await devPorts(options.portBase);
    const loginToken = randomBytes(24).toString('base64url');
    const temporalAt = {
      address: options.temporal?.address ?? `127.0.0.1:${ports.temporal}`,
      uiUrl: options.temporal === undefined ? `http://127.0.0.1:${ports.temporalUi}` : null,
    };
    const environments = devEnvironments({ options, dataDir, ports, keys, loginToken, temporal: temporalAt });
    const compileCache = options.environment['NODE_COMPILE_CACHE'] ?? privateFolder(dataDir, 'compile-cache');
    const failure = new AbortController();
    let isStarting = true;
    const run = async (
      name: string,
      file: string,
      environment: Record<string, string>,
      stopWithinMs: number,
      args: readonly string[] = [],
    ): Promise<Supervised> => {
      const onLine = childLog(dataDir, name, log, () => isStarting);
      const supervised = await supervise({
        name,
        log,
        start: () =>
          startNodeProcess({
            file: processFile(file),
            args,
            environment: { ...environment, NODE_COMPILE_CACHE: compileCache },
            onLine,
            stopWithinMs,
            ...(isStarting && { unless: failure.signal }),
          }),
      });
      endings.push(() => supervised.stop());
      return supervised;
    };
    const runTemporal = async (program: string) => {
      const flags = options.encryption === undefined ? [] : ['--ui-codec-endpoint', localCodecUrl(ports, keys.secret)];
      const supervised = await startDevTemporal(options, { program, dataDir, ports, flags });
      endings.push(() => supervised.stop());
      return supervised;
    };
    // A download may take longer than the other parts wait for Temporal, so it comes first.
    const temporalCli = options.temporal === undefined ? await findDevTemporalCli(options) : undefined;
    // Side by side: a part waits for the servers that it needs, within HOLDPOINT_START_WAIT_SECONDS.
    const [temporal, reviewServer, standIn, gateway, worker] = await all(failure, [
      temporalCli === undefined ? undefined : runTemporal(temporalCli),
      options.cheqpoint === undefined
        ? run('review server', 'review-server', environments.reviewServer, 5000)
        : undefined,
      options.openai === undefined
        ? run('stand-in', 'embedded/openai-stand-in-process', environments.standIn, 3000, [String(ports.standIn)])
        : undefined,
      run('gateway', 'gateway', environments.gateway, 5000, options.temporal === undefined ? ['--local-ui'] : []),
      run('worker', 'worker', environments.worker, 40_000, options.cheqpoint === undefined ? ['--local-review'] : []),
    ]);
    isStarting = false;
    const reviewerToken =
      reviewServer === undefined
        ? null
        : // Works also after the user chose another password in the inbox.
          (await signInByToken(reviewServerUrl(ports), makeSignInToken(keys.sessionSecret))).token;
    const facts: StackFacts = {
      temporal: {
        address: temporalAt.address,
        namespace: environments.worker['TEMPORAL_NAMESPACE'] ?? 'default',
        ui: temporalAt.uiUrl,
      },
      gateway: { url: gatewayUrl(ports), apiKey: keys.apiKey },
      reviewServer:
        options.cheqpoint === undefined
          ? {
              url: reviewServerUrl(ports),
              connectionKey: keys.connectionKey,
              inbox: `${inboxUrl(ports)}/`,
              reviewerToken,
            }
          : { url: options.cheqpoint.baseUrl, connectionKey: null, inbox: null, reviewerToken: null },
      openai:
        options.openai === undefined
          ? { baseURL: standInUrl(ports), standIn: true }
          : { baseURL: options.openai.baseURL ?? 'https://api.openai.com/v1', standIn: false },
      worker: { taskQueue: String(worker.ready['taskQueue']) },
      dataDir,
    };
    endings.push(() => removeRunningStack(dataDir), keepWritten(facts, log));
    if (options.watch ?? true) endings.push(keepCurrent(worker, log));
    return {
      facts,
      signInUrl: reviewServer && `${inboxUrl(ports)}/login?token=${loginToken}`,
      temporal,
      reviewServer,
      standIn,
      gateway,
      worker,
      stop: stopOnce,
    };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}

function privateFolder(dataDir: string, name: string): string {
  const folder = join(dataDir, name);
  makePrivateFolder(folder);
  keepPrivate(folder);
  return folder;
}

/**
 * Waits for all parts, even when one fails: the started ones have to be known to stop them. The first failure aborts
 * those that are still starting. @throws the first failure
 */
async function all<const Parts extends readonly unknown[]>(
  failure: AbortController,
  parts: Parts,
): Promise<{ -readonly [Index in keyof Parts]: Awaited<Parts[Index]> }> {
  const abort = (reason: unknown) => failure.abort(reason);
  for (const part of parts) Promise.resolve(part).catch(abort);
  const results = await Promise.allSettled(parts);
  if (failure.signal.aborted) throw failure.signal.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as {
    -readonly [Index in keyof Parts]: Awaited<Parts[Index]>;
  };
}

/** Writes the facts of the stack now, or when the disk has room again. Returns a function that stops trying. */
function keepWritten(facts: StackFacts, log: (line: string) => void): () => Promise<void> {
  let isWritten = false;
  const write = () => {
    if (isWritten) return;
    writeRunningStack(facts);
    isWritten = true;
  };
  try {
    write();
  } catch (error) {
    log(
      `${error instanceof Error ? error.message : String(error)}. Until this file can be written, other commands do not find this stack.`,
    );
  }
  const rounds = startRounds({ everyMs: 1000, longestMs: 1000, round: async () => write(), onFailure: () => {} });
  return () => rounds.stop();
}

/** Replaces the worker when one of the user's files changes. The present worker stays when the new config fails to load. */
function keepCurrent(worker: Supervised, log: (line: string) => void): () => Promise<void> {
  const filesOf = () => (worker.ready['files'] ?? []) as string[];
  let busy: Promise<void> | undefined;
  const replace = async (changed: string, before: Promise<void> | undefined): Promise<void> => {
    await before;
    log(`${relative(process.cwd(), changed)} changed: loading it into a new worker.`);
    try {
      await worker.replace();
      watch.set(filesOf());
      log('The new worker is up.');
    } catch (error) {
      log(`${error instanceof Error ? error.message : String(error)}\nThe previous worker keeps running.`);
      if (error instanceof StartFailed) watch.set([...new Set([...filesOf(), ...error.files])]);
    }
  };
  const watch = watchFiles((changed) => {
    busy = replace(changed, busy);
  });
  watch.set(filesOf());
  return async () => {
    watch.close();
    await busy;
  };
}
