import { within } from './within.ts';

/** A server that a process needs. */
export type Dependency = {
  /** For people: `Temporal`. */
  name: string;
  /** The variable with its address. */
  setting: string;
  /** Rejects if the server does not do its work. */
  ask: () => Promise<unknown>;
  /** The process does most of its work without it: its failure is shown, and the process stays ready. */
  optional?: boolean;
  /** Its last answer works, but shows a fault that people should mend. Undefined without one. */
  warning?: () => string | undefined;
};

/** The body of `/readyz`. */
export type Readiness = {
  status: 'ready' | 'not-ready';
  dependencies: Array<{ name: string; setting: string; ok: boolean; problem?: string; warning?: string }>;
};

/** How long `/readyz` waits for all dependencies, in milliseconds. Health checks give up after three seconds. */
const longestAnswerMs = 2_500;

/**
 * Asks all dependencies at once. Calls at the same time share one round, so health checks of many proxies cost no more
 * than one. The texts name no address: everybody may read them. `onFailure` gets the error for the log.
 */
export function createReadiness(
  dependencies: readonly Dependency[],
  onFailure: (dependency: Dependency, error: unknown) => void,
): () => Promise<Readiness> {
  const askAll = async (): Promise<Readiness> => {
    const answers = await Promise.all(
      dependencies.map(async (dependency) => {
        const { name, setting, ask, optional = false } = dependency;
        try {
          await within(longestAnswerMs, `The answer of ${name}`, ask());
          const warning = dependency.warning?.();
          return { optional, answer: { name, setting, ok: true, ...(warning !== undefined && { warning }) } };
        } catch (error) {
          onFailure(dependency, error);
          const problem = `${name} does not answer. Check it, and ${setting}. The log has the cause.`;
          return { optional, answer: { name, setting, ok: false, problem } };
        }
      }),
    );
    return {
      status: answers.every(({ answer, optional }) => answer.ok || optional) ? 'ready' : 'not-ready',
      dependencies: answers.map(({ answer }) => answer),
    };
  };
  let present: Promise<Readiness> | undefined;
  return () => (present ??= askAll().finally(() => (present = undefined)));
}

/** The answer of `/readyz`. */
export async function answerReadiness(readiness: () => Promise<Readiness>): Promise<Response> {
  const body = await readiness();
  return Response.json(
    body,
    body.status === 'ready' ? undefined : { status: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } },
  );
}
