import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Role, Session, SignedIn } from '../../src/contract/session.ts';
import { sessionQuery } from '../api/queries.ts';

/** The session that the page shows. It outlives an ended session while the user is typing. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** The signed-in user. Only for components behind the sign-in. */
export function useMe(): Session['reviewer'] & { may: (role: Role) => boolean; byProvider: boolean } {
  const session = useContext(SessionContext);
  const reviewer = session?.reviewer ?? { name: '', roles: [] };
  return { ...reviewer, may: (role) => reviewer.roles.includes(role), byProvider: session?.byProvider === true };
}

/** Continues with a new session. */
export function rememberSession(client: QueryClient, { reviewer, expiresAt, server }: SignedIn): void {
  const session: Session | null = { reviewer, expiresAt, server };
  client.setQueryData(sessionQuery.queryKey, session);
}
