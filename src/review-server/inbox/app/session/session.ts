import { useSuspenseQuery, type QueryClient } from '@tanstack/react-query';
import type { Role, Session, SignedIn } from '../../../../schemas/reviewer-api.ts';
import { sessionQuery } from '../api/queries.ts';

/** Who is signed in. Only for what stands behind the sign-in. */
export function useMe(): Session['reviewer'] & { may: (role: Role) => boolean } {
  const { data } = useSuspenseQuery(sessionQuery);
  const reviewer = data?.reviewer ?? { name: '', roles: [] };
  return { ...reviewer, may: (role) => reviewer.roles.includes(role) };
}

/** Goes on as the one who has just signed in. */
export function rememberSession(client: QueryClient, { reviewer, expiresAt, server }: SignedIn): void {
  const session: Session | null = { reviewer, expiresAt, server };
  client.setQueryData(sessionQuery.queryKey, session);
}
