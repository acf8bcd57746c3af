import type { ReviewAnswer } from '@holdpoint/cheqpoint';
import { inScope } from '@holdpoint/process';
import type { EarlyRead } from '../domain/early-read.ts';
import { runTraceIn } from '../domain/run-trace.ts';
import { requesterNamed, type ActivityDependencies } from './context.ts';
import type { EarlyAnswers } from './ports.ts';

/** An answer is used for this long after the read began, in milliseconds. The read itself may take no longer. */
const usedForMs = 2_000;
/** Most reads at a time. */
const most = 100;
/** Reads after which their use is judged. */
const judgedAfter = 20;
/** Pause after reads of which fewer than half were used, in milliseconds. */
const restMs = 60_000;

type Begun = { answer: Promise<ReviewAnswer | undefined>; forget: NodeJS.Timeout };

/**
 * Reads of decisions that begin with the Workflow Task that schedules their Activity. The review service answers while
 * Temporal brings the Activity to a worker. An Activity that comes to another worker reads for itself, and so does one
 * whose early read failed or found no decision. The Activity checks the answer as it checks any other.
 */
export class EarlyReads implements EarlyAnswers {
  readonly #dependencies: Pick<ActivityDependencies, 'config' | 'review'>;
  readonly #begun = new Map<string, Begun>();
  #outcomes = { used: 0, unused: 0 };
  #restsUntil = 0;

  constructor(dependencies: Pick<ActivityDependencies, 'config' | 'review'>) {
    this.#dependencies = dependencies;
  }

  /** Begins a read. Never throws: the Activity meets the same fault, and reports it. */
  begin(read: EarlyRead): void {
    const key = keyOf(read);
    if (performance.now() < this.#restsUntil || this.#begun.has(key) || this.#begun.size >= most) return;
    const forget = setTimeout(() => {
      this.#begun.delete(key);
      this.#count('unused');
    }, usedForMs);
    this.#begun.set(key, { answer: this.#read(read).catch(() => undefined), forget: forget.unref() });
  }

  async take(requested: Omit<EarlyRead, 'trace'>): Promise<ReviewAnswer | undefined> {
    const key = keyOf(requested);
    const begun = this.#begun.get(key);
    if (begun === undefined) return undefined;
    this.#begun.delete(key);
    clearTimeout(begun.forget);
    const answer = await begun.answer;
    const decision = answer?.status === 'approved' || answer?.status === 'rejected' ? answer : undefined;
    this.#count(decision ? 'used' : 'unused');
    return decision;
  }

  async #read({ assistant, requestId, trace }: EarlyRead): Promise<ReviewAnswer> {
    const { config, review } = this.#dependencies;
    const service = review(requesterNamed(config, assistant));
    return await inScope(runTraceIn(trace), () => service.read(requestId, AbortSignal.timeout(usedForMs)));
  }

  /**
   * Rests for a minute if most reads are made twice: their Activities go to other workers or come late, the requests
   * are open, or the review service fails.
   */
  #count(outcome: 'used' | 'unused'): void {
    this.#outcomes[outcome] += 1;
    const { used, unused } = this.#outcomes;
    if (used + unused < judgedAfter) return;
    if (used < unused) this.#restsUntil = performance.now() + restMs;
    this.#outcomes = { used: 0, unused: 0 };
  }
}

function keyOf({ assistant, requestId }: EarlyRead): string {
  return JSON.stringify([assistant, requestId]);
}
