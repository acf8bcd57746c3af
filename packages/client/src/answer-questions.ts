import type { Question } from './call.ts';
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

/** Calls `onQuestion` for each open question of a run, once, and sends its answers. */
export function questionAnswers(
  onQuestion: NonNullable<ResultOptions['onQuestion']>,
  send: (question: string, answer: string) => Promise<unknown>,
): (run: Run) => Promise<void> {
  const seen = new Set<string>();
  return async ({ detail }) => {
    const open = (detail?.calls ?? [])
      .flatMap(({ approval }) => approval?.questions ?? [])
      .filter(({ id, answeredAt }) => answeredAt === null && !seen.has(id));
    for (const { id } of open) seen.add(id);
    for (const question of open) {
      const answer = await onQuestion(question);
      if (answer !== undefined) await send(question.id, answer);
    }
  };
}
