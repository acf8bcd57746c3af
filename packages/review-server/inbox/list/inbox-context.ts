import { createContext, useContext } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import type { FilterSearch } from '../filters.ts';

/** The list, as the open request sees it. */
export type Inbox = {
  search: FilterSearch;
  /** The request after the open one. If the open one has left the list, the request in its place. */
  next: ApprovalSummary | undefined;
  /** The request that J or K opened. The focus stays in the list. */
  walkedTo: string | undefined;
  /** Opens the next or the previous request. */
  move: (by: 1 | -1) => void;
  /** Closes the open request. */
  close: () => void;
  /** The user decided on the open request: with auto-advance the next one opens. */
  onDecided: (id: string) => void;
};

export const InboxContext = createContext<Inbox | undefined>(undefined);

export function useInbox(): Inbox {
  const inbox = useContext(InboxContext);
  if (inbox === undefined) throw new Error('useInbox works only inside the inbox page.');
  return inbox;
}
