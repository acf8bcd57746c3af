import type { ReactNode } from 'react';
import { Brand } from '../shell/brand.tsx';

/** The frame of pages outside the sign-in. */
export function EntryPage({ children }: { children: ReactNode }) {
  return (
    <main className="entry">
      <div className="entry-card">
        <Brand />
        {children}
      </div>
    </main>
  );
}
