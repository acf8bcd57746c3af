import { useState } from 'react';
import type { User } from '../../src/contract/users.ts';
import { request } from '../api/request.ts';
import { Choice } from '../ui/field.tsx';
import { ChangeDialog } from './change-dialog.tsx';

type LinkUserDialogProps = {
  user: User;
  others: readonly User[];
  /** Name of the identity provider. */
  provider: string;
  onClose: () => void;
};

/** Gives a user the identity provider's sign-in of another one, who is removed. */
export function LinkUserDialog({ user, others, provider, onClose }: LinkUserDialogProps) {
  const [other, setOther] = useState<string>();
  const [isChecked, setChecked] = useState(false);
  return (
    <ChangeDialog
      title={`Link ${user.name}`}
      verb="Link"
      check={() => {
        setChecked(true);
        return other !== undefined;
      }}
      change={() => request('POST', `/users/${encodeURIComponent(user.name)}/link`, { user: other })}
      onDone={onClose}
      onClose={onClose}
    >
      <p>
        Choose the user that the first sign-in at {provider} added for the same person. That user is removed, and the
        person signs in as <strong>{user.name}</strong> from then on.
      </p>
      <Choice
        label="User added by the sign-in"
        value={other}
        entries={[{ id: '', text: 'Choose a user' }, ...others.map(({ name }) => ({ id: name, text: name }))]}
        onChange={setOther}
      />
      {isChecked && other === undefined && (
        <p className="field-problem" role="alert">
          Choose a user.
        </p>
      )}
    </ChangeDialog>
  );
}
