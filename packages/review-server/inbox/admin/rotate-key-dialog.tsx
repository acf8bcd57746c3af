import { useState, type ReactNode } from 'react';
import { request } from '../api/request.ts';
import { Choice } from '../ui/field.tsx';
import { ChangeDialog } from './change-dialog.tsx';
import { overlapOptions } from './overlap-options.ts';

/** Asks how long the old key still works, and makes the new one. `children`: which key replaces which. */
export function RotateKeyDialog<Made>({
  title,
  path,
  body,
  onClose,
  onMade,
  children,
}: {
  title: string;
  /** The route that rotates. */
  path: string;
  /** Sent beside the overlap. */
  body?: object;
  onClose: () => void;
  onMade: (key: Made) => void;
  children: ReactNode;
}) {
  const [overlap, setOverlap] = useState('86400');
  return (
    <ChangeDialog
      title={title}
      verb="Create new key"
      change={() => request<Made>('POST', path, { overlapSeconds: Number(overlap), ...body })}
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
