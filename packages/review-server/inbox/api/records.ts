import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { RecordList, ReviewerApproval } from '../../src/contract/reviewer-api.ts';
import { approvalQuery } from './queries.ts';
import { request, RequestProblem } from './request.ts';

/** Requests in one call. */
const mostAtOnce = 50;

type Waiting = {
  id: string;
  done: (approval: ReviewerApproval) => void;
  failed: (error: unknown) => void;
};

let waiting: Waiting[] = [];

/** One of many requests with its details. Those that are asked for together are read by few calls. */
export function recordQuery(id: string) {
  return queryOptions({ ...approvalQuery(id), queryFn: () => readTogether(id) });
}

/** These requests with their details, without those that no longer exist. Read again when the list changes. */
export function useRecords(ids: readonly string[]): readonly ReviewerApproval[] {
  const { data } = useQuery({
    queryKey: ['approvals', 'records', ids],
    queryFn: async ({ client }) => {
      const found = await Promise.allSettled(ids.map((id) => client.fetchQuery(recordQuery(id))));
      return found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    },
    enabled: ids.length > 0,
    placeholderData: keepPreviousData,
  });
  return data?.filter(({ id }) => ids.includes(id)) ?? [];
}

function readTogether(id: string): Promise<ReviewerApproval> {
  return new Promise((done, failed) => {
    if (waiting.length === 0) setTimeout(readWaiting);
    waiting.push({ id, done, failed });
  });
}

function readWaiting(): void {
  const all = waiting;
  waiting = [];
  for (let from = 0; from < all.length; from += mostAtOnce) void readPart(all.slice(from, from + mostAtOnce));
}

async function readPart(part: readonly Waiting[]): Promise<void> {
  try {
    const ids = new URLSearchParams({ ids: part.map(({ id }) => id).join() });
    const { approvals } = await request<RecordList>('GET', `/approvals/records?${ids}`);
    const found = new Map(approvals.map((approval) => [approval.id, approval]));
    for (const { id, done, failed } of part) {
      const approval = found.get(id);
      if (approval !== undefined) done(approval);
      else failed(new RequestProblem('This request no longer exists.', 404));
    }
  } catch (error) {
    for (const { failed } of part) failed(error);
  }
}
