import type { Question } from './call.ts';
import { HoldpointError } from './errors.ts';
import { pause, pauseMsAfter } from './pause.ts';
import type { Run } from './run.ts';
import type { WatchOptions } from './watch-run.ts';

/** Options of `approvals.result`. */
export type ResultOptions = WatchOptions & {
  /**
   * Called once for each question of a reviewer, while the wait goes on. Its text is the answer. Without one the question
   * stays open, for `approvals.answer`. An error ends the wait.
   */
  onQuestion?: ((question: Question) => string | undefined | Promise<string | undefined>) | undefined;
};

type QuestionAnswers = {
  onQuestion: NonNullable<ResultOptions['onQuestion']>;
  send: (question: string, answer: string) => Promise<unknown>;
  signal: AbortSignal;
};

/**
 * Calls `onQuestion` for each open question of a run, once, and sends its answers. An answer that fails for now is sent
 * again: the first one that arrives counts.
 */
export function questionAnswers({ onQuestion, send, signal }: QuestionAnswers): (run: Run) => Promise<void> {
  const seen = new Set<string>();
  return async ({ detail }) => {
    const open = (detail?.calls ?? [])
      .flatMap(({ approval }) => approval?.questions ?? [])
      .filter(({ id, answeredAt }) => answeredAt === null && !seen.has(id));
    for (const { id } of open) seen.add(id);
    for (const question of open) {
      const answer = await onQuestion(question);
      if (answer !== undefined) await sendUntilTaken(() => send(question.id, answer), signal);
    }
  };
}

async function sendUntilTaken(send: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    try {
      await send();
      return;
    } catch (error) {
      if (!(error instanceof HoldpointError) || !error.passing) throw error;
      await pause(pauseMsAfter(error, failures), signal);
    }
  }
}
