import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApprovalList, ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import { pageSize } from '../api/queries.ts';
import { request } from '../api/request.ts';
import type { Filters } from '../filters.ts';

/** The most requests that one selection takes. */
export const mostSelected = 1000;

/** Reads every pending request that the filters match, also those that are not loaded, and selects them. */
export function useSelectAll(filters: Filters, onSelected: (approvals: readonly ApprovalSummary[]) => void) {
  const client = useQueryClient();
  const [state, setState] = useState<{ isReading: boolean; error: Error | null }>(idle);
  const selectAll = async () => {
    setState({ isReading: true, error: null });
    try {
      onSelected(await client.fetchQuery({ ...allQuery(filters), retry: false, staleTime: 0 }));
      setState(idle);
    } catch (error) {
      setState({ isReading: false, error: error as Error });
    }
  };
  return { selectAll: () => void selectAll(), ...state };
}

const idle = { isReading: false, error: null };

function allQuery(filters: Filters) {
  return queryOptions({ queryKey: ['all approvals', filters], queryFn: () => readAll(filters), gcTime: 0 });
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
