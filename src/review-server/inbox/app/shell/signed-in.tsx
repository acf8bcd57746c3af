import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';
import { sessionQuery } from '../api/queries.ts';
import { problemText } from '../api/request.ts';
import { EntryPage, SignInPage } from '../session/sign-in-page.tsx';
import { Button } from '../ui/button.tsx';
import { Notice } from '../ui/notice.tsx';
import { Shell } from './shell.tsx';

/** Everything behind the sign-in. */
export function SignedIn() {
  const session = useQuery(sessionQuery);
  // A server that is away for a moment is the header's news; what is on the screen stays there.
  if (session.data) return <Shell><Outlet /></Shell>;
  if (session.data === null) return <SignInPage />;
  if (session.error !== null) {
    return (
      <EntryPage>
        <Notice tone="bad">{problemText(session.error)}</Notice>
        <Button onPress={() => void session.refetch()} isPending={session.isFetching}>Try again</Button>
      </EntryPage>
    );
  }
  return <div className="entry" aria-busy="true" />;
}
