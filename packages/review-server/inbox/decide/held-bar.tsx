import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMe } from '../session/session.ts';
import { useHeldShortcuts } from '../shell/shortcuts.ts';
import { lazyPart } from '../ui/lazy-part.tsx';
import { holdsQuery } from './held-decisions-query.ts';

const HeldDecisions = lazyPart(async () => (await import('./held-decisions.tsx')).HeldDecisions, {
  placeholder: <HeldKeys />,
});

/** The place of held decisions on every page. */
export function HeldBar() {
  const me = useMe();
  const { data } = useQuery({ ...holdsQuery, enabled: me.may('reviewer') });
  // Its end is told after the last hold.
  const [hasHeld, setHeld] = useState(false);
  if (!hasHeld && data !== undefined && data.holds.length > 0) setHeld(true);
  return (
    <div className="held-bar" role="status" aria-label="Held decisions">
      {hasHeld && <HeldDecisions holds={data?.holds ?? []} />}
    </div>
  );
}

function HeldKeys() {
  useHeldShortcuts('held decisions', ['z', 'u']);
  return null;
}
