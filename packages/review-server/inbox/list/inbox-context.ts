import { createContext, useContext } from 'react';
import type { ApprovalSummary } from '../../src/contract/reviewer-api.ts';
import type { FilterSearch } from '../filters.ts';

/** What the list tells the open approval. */
export interface Inbox {
  search: FilterSearch;
  /** The approval behind the open one, or at its old place when it has left the list. */
  next: ApprovalSummary | undefined;
  /** The approval that was opened by J or K: the focus stays in the list. */
  walkedTo: string | undefined;
  /** Opens the one so many places further. */
  move: (by: 1 | -1) => void;
  /** Back to the list alone. */
  close: () => void;
}

export const InboxContext = createContext<Inbox | undefined>(undefined);

export function useInbox(): Inbox {
  const inbox = useContext(InboxContext);
  if (inbox === undefined) throw new Error('Only within the inbox page.');
  return inbox;
}
