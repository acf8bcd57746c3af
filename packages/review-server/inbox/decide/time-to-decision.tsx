import type { Hold } from '../../src/contract/holds.ts';
import { useSecondsLeft } from './holds.ts';

/** "in 4 s". Screen readers hear it once, without the numbers that follow. */
export function TimeToDecision({ hold }: { hold: Hold }) {
  const left = useSecondsLeft(hold);
  return <span aria-hidden="true">{left === 0 ? 'now…' : `in ${left} s`}</span>;
}
