import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { useState } from 'react';
import { sessionQuery } from '../api/queries.ts';
import { problemText } from '../api/request.ts';
import { SessionContext } from '../session/session.ts';
import { EntryPage } from '../session/entry-page.tsx';
import { SignInPage } from '../session/lazy-sign-in-page.ts';
import { Notice } from '../ui/notice.tsx';
import { PlainButton } from '../ui/plain-button.tsx';
import { Brand } from './brand.tsx';
import { Shell } from './shell.tsx';
import { useTypedIn } from './typing.ts';

/** The pages behind the sign-in. */
export function SignedIn() {
  const session = useQuery(sessionQuery);
  // While the server is unreachable the page stays. The header shows the connection.
  const field = useTypedIn();
  const [last, setLast] = useState(session.data);
  // After the session has ended, the page stays until the user leaves the text field.
  if (last !== session.data && (session.data !== null || field === undefined)) setLast(session.data);
  const shown = session.data ?? last;
  if (shown)
    return (
      <SessionContext value={shown}>
        <Shell isSignedOut={session.data === null}>
          <Outlet />
        </Shell>
      </SessionContext>
    );
  if (session.data === null) return <SignInPage />;
  if (session.error !== null) {
    return (
      <EntryPage>
        <Notice tone="bad">{problemText(session.error)}</Notice>
        <PlainButton onPress={() => void session.refetch()} isPending={session.isFetching}>
          Try again
        </PlainButton>
      </EntryPage>
    );
  }
  return (
    <header className="shell-header" aria-busy="true">
      <Brand />
    </header>
  );
}
