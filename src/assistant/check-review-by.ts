import { refuse } from './invalid-definition.ts';
import { stagesOf } from './review-by.ts';

/** @throws InvalidDefinition unless `by` is undefined or names groups. */
export function checkReviewBy(owner: string, option: string, by: unknown): void {
  if (by === undefined) return;
  try {
    stagesOf(by);
  } catch (error) {
    refuse(
      owner,
      `${option}: ${(error as Error).message}. Write '<group>', or [{ group: '<group>', approvals: 2 }, …].`,
    );
  }
}
