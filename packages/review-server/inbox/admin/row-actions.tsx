import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';

/** The buttons that edit and remove an entry. `name`: the entry, for screen readers. `children`: buttons between them. */
export function EditAndRemove({
  name,
  onEdit,
  onRemove,
  children,
}: {
  name: string;
  onEdit: () => void;
  /** Undefined: there is nothing to remove. */
  onRemove: (() => void) | undefined;
  children?: ReactNode;
}) {
  return (
    <>
      <Button size="small" onPress={onEdit} aria-label={`Edit ${name}`}>
        Edit…
      </Button>
      {children}
      {onRemove !== undefined && (
        <Button size="small" look="reject" onPress={onRemove} aria-label={`Remove ${name}`}>
          Remove…
        </Button>
      )}
    </>
  );
}
