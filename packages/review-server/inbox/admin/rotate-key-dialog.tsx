import { useState, type ReactNode } from 'react';
import { Choice } from '../ui/field.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { overlapOptions } from './overlap-options.ts';

/** Asks how long the old key still works, and makes the new one. `children`: which key replaces which. */
export function RotateKeyDialog<Made>({
  title,
  rotate,
  onClose,
  onMade,
  children,
}: {
  title: string;
  rotate: (overlapSeconds: number) => Promise<Made>;
  onClose: () => void;
  onMade: (key: Made) => void;
  children: ReactNode;
}) {
  const [overlap, setOverlap] = useState('86400');
  return (
    <ChangeDialog
      title={title}
      verb="Create new key"
      change={() => rotate(Number(overlap))}
      onDone={onMade}
      onClose={onClose}
    >
      <p>{children}</p>
      <Choice
        label="Old key expires"
        value={overlap}
        entries={overlapOptions}
        onChange={(value) => setOverlap(value ?? '0')}
      />
    </ChangeDialog>
  );
}
