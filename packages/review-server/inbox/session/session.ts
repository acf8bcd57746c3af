import type { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { Role, Session, SignedIn } from '../../src/contract/reviewer-api.ts';
import { sessionQuery } from '../api/queries.ts';

/** The session that the page shows. It stays for a person who is typing when the session ends. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in. Only for what stands behind the sign-in. */
export function useMe(): Session['reviewer'] & { may: (role: Role) => boolean } {
  const reviewer = useContext(SessionContext)?.reviewer ?? { name: '', roles: [] };
  return { ...reviewer, may: (role) => reviewer.roles.includes(role) };
}

/** Goes on as the one who has just signed in. */
export function rememberSession(client: QueryClient, { reviewer, expiresAt, server }: SignedIn): void {
  const session: Session | null = { reviewer, expiresAt, server };
  client.setQueryData(sessionQuery.queryKey, session);
}
