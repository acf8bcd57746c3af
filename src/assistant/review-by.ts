/**
 * Who decides: a group by its name, or groups one after the other, each with its number of approvals of different
 * people. `approvals` is 1 by default.
 * @example
 * 'finance'
 * @example
 * [{ group: 'finance', approvals: 2 }, { group: 'legal' }]
 */
export type ReviewBy = string | readonly (string | { group: string; approvals?: number })[];

/** A stage of a request: so many approvals of a group. */
export type ReviewStage = { group: string; approvals: number };

const mostStages = 10;
const mostApprovals = 50;
const groupName = /^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u;

/**
 * The stages of `by`.
 * @throws TypeError that says what is wrong, as the end of a sentence.
 */
export function stagesOf(by: unknown): ReviewStage[] {
  const list: readonly unknown[] = Array.isArray(by) ? by : [by];
  if (list.length === 0 || list.length > mostStages)
    throw new TypeError(`it must have 1 to ${mostStages} groups, not ${list.length}`);
  return list.map((each): ReviewStage => {
    const stage: unknown = typeof each === 'string' ? { group: each } : each;
    if (typeof stage !== 'object' || stage === null)
      throw new TypeError(`it must be a group's name or a list of { group, approvals }, not ${String(each)}`);
    const { group, approvals = 1, ...more } = stage as { group?: unknown; approvals?: unknown };
    const [unknown] = Object.keys(more);
    if (unknown !== undefined)
      throw new TypeError(`it has the unknown key "${unknown}"; its keys are group, approvals`);
    if (typeof group !== 'string' || !groupName.test(group))
      throw new TypeError('group must be the name of a group: 1 to 100 letters, digits, spaces or . _ -');
    if (!Number.isSafeInteger(approvals) || (approvals as number) < 1 || (approvals as number) > mostApprovals)
      throw new TypeError(`approvals must be a whole number from 1 to ${mostApprovals}, not ${String(approvals)}`);
    return { group, approvals: approvals as number };
  });
}
