import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';

/** A row of the list: a request, or the head of a group of like requests. */
export type ListEntry = RequestEntry | GroupEntry;
export type RequestEntry = { kind: 'request'; key: string; approval: ApprovalSummary; isInGroup: boolean };
export type GroupEntry = {
  kind: 'group';
  key: string;
  members: readonly ApprovalSummary[];
  /** Its requests follow as rows. */
  isOpen: boolean;
};

const fewest = 2;

/**
 * The requests with like ones next to each other, at the place of the first. Like requests are pending calls of the same
 * assistant and action. Critical requests and outcome questions are decided alone and belong to no group, nor do
 * requests with a held decision.
 */
export function groupLike(approvals: readonly ApprovalSummary[]): ApprovalSummary[][] {
  const groups = new Map<string, ApprovalSummary[]>();
  for (const approval of approvals) {
    const key = groupKey(approval);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [approval]);
    else group.push(approval);
  }
  return [...groups.values()];
}

/** The rows. A group is open if its key is in `open`, or if it has the request on the screen. */
export function toEntries(
  groups: readonly (readonly ApprovalSummary[])[],
  open: ReadonlySet<string>,
  openId: string | undefined,
): ListEntry[] {
  return groups.flatMap((members): ListEntry[] => {
    const isInGroup = members.length >= fewest;
    const requests = members.map((approval): RequestEntry => ({
      kind: 'request',
      key: approval.id,
      approval,
      isInGroup,
    }));
    if (!isInGroup) return requests;
    const key = groupKey(members[0]!);
    const isOpen = open.has(key) || members.some(({ id }) => id === openId);
    return [{ kind: 'group', key, members, isOpen }, ...(isOpen ? requests : [])];
  });
}

function groupKey({ id, kind, status, riskLevel, holds, assistant, action }: ApprovalSummary): string {
  return kind === 'call' && status === 'PENDING' && riskLevel !== 'critical' && holds.length === 0
    ? `group:${JSON.stringify([assistant, action])}`
    : id;
}
