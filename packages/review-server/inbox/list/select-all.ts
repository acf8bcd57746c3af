import { useMutation } from '@tanstack/react-query';
import type { ApprovalList, ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { pageSize } from '../api/queries.ts';
import { request } from '../api/request.ts';
import type { Filters } from '../filters.ts';

/** The most requests that one selection takes. */
export const mostSelected = 1000;

/** Reads every pending request that the filters match, also those that are not loaded, and selects them. */
export function useSelectAll(filters: Filters, onSelected: (approvals: readonly ApprovalSummary[]) => void) {
  const read = useMutation({
    mutationFn: () => readAll(filters),
    onSuccess: onSelected,
  });
  return { selectAll: () => read.mutate(), isReading: read.isPending, error: read.error };
}

async function readAll({ box, ...narrowed }: Filters): Promise<ApprovalSummary[]> {
  const found = new Map<string, ApprovalSummary>();
  let cursor: string | null = null;
  do {
    const asked = new URLSearchParams({
      box,
      ...narrowed,
      ...(box === 'all' && { status: 'pending' }),
      limit: String(pageSize),
      ...(cursor !== null && { cursor }),
    });
    const page: ApprovalList = await request<ApprovalList>('GET', `/approvals?${asked}`);
    for (const approval of page.approvals) if (approval.status === 'PENDING') found.set(approval.id, approval);
    cursor = page.nextCursor;
  } while (cursor !== null && found.size < mostSelected);
  return [...found.values()].slice(0, mostSelected);
}
