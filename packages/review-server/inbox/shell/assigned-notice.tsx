import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { AssignedList } from '../../src/contract/desk.ts';
import { request } from '../api/request.ts';
import { lazyPart } from '../ui/lazy-part.tsx';

const AssignedCard = lazyPart(async () => (await import('./assigned-card.tsx')).AssignedCard);

/** Open requests that others handed over to this person. */
const assignedQuery = queryOptions({
  queryKey: ['approvals', 'assigned'],
  queryFn: () => request<AssignedList>('GET', '/assigned'),
});

/** Says that another person handed a request over, until it is opened or dismissed. */
export function AssignedNotice() {
  const { data } = useQuery(assignedQuery);
  const [atStart, setAtStart] = useState<ReadonlySet<string>>();
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const all = data?.assigned ?? [];
  // The list shows what was handed over before.
  if (atStart === undefined && data !== undefined) setAtStart(new Set(all.map(keyOf)));
  const fresh = all.filter((each) => !(atStart?.has(keyOf(each)) ?? true) && !dismissed.has(keyOf(each)));
  const [first] = fresh;
  const dismiss = () => setDismissed(new Set([...dismissed, ...fresh.map(keyOf)]));
  return (
    <div className="held-bar assigned-notice" role="status" aria-label="Handed over to you">
      {first !== undefined && <AssignedCard assigned={first} onDismiss={dismiss} />}
    </div>
  );
}

function keyOf({ id, at }: AssignedList['assigned'][number]): string {
  return `${id} ${at}`;
}
