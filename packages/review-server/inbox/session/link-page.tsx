import { useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { SignedIn } from '../../src/contract/session.ts';
import { sessionQuery } from '../api/queries.ts';
import { problemText, request } from '../api/request.ts';
import { rememberSession } from './session.ts';
import { EntryPage } from './entry-page.tsx';
import { SignInPage } from './lazy-sign-in-page.ts';

/**
 * `/login?token=…`: spends the one-time link by a POST. A GET by a link preview spends nothing. `/login?problem=…`: the
 * end of a failed sign-in with the identity provider.
 */
export function LinkPage() {
  const { token, problem } = useSearch({ from: '/login' });
  if (problem !== undefined) return <SignInPage sealedProblem={problem} />;
  return token === undefined ? <Navigate to="/" replace /> : <SignInByLink token={token} />;
}

function SignInByLink({ token }: { token: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    request<SignedIn>('POST', '/session/link', { token, browser: true })
      .then((signedIn) => rememberSession(client, signedIn))
      // A used link is no error for a user who is already signed in.
      .catch(async (error: unknown) => (await client.fetchQuery(sessionQuery)) ?? Promise.reject(error))
      .then(() => navigate({ to: '/', replace: true }))
      .catch((error: unknown) => setProblem(problemText(error)));
  }, [client, navigate, token]);
  if (problem !== undefined) return <SignInPage problem={problem} />;
  return (
    <EntryPage>
      <p role="status">Signing in…</p>
    </EntryPage>
  );
}
