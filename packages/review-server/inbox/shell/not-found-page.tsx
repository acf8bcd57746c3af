import { Link } from '@tanstack/react-router';
import { EntryPage } from '../session/entry-page.tsx';

export function NotFoundPage() {
  return (
    <EntryPage>
      <h1>Page not found</h1>
      <p>Check the address.</p>
      <p>
        <Link to="/">Go to inbox</Link>
      </p>
    </EntryPage>
  );
}
