import { Link } from '@tanstack/react-router';
import { EntryPage } from '../session/sign-in-page.tsx';

export function NotFoundPage() {
  return (
    <EntryPage>
      <h1>There is no such page</h1>
      <p>The address may have been cut off.</p>
      <p>
        <Link to="/">To the inbox</Link>
      </p>
    </EntryPage>
  );
}
