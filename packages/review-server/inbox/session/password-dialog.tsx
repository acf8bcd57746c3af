import { useRef, useState } from 'react';
import type { PasswordChanged } from '../../src/contract/password.ts';
import { ChangeDialog } from '../admin/change-dialog.tsx';
import { useCheck } from '../admin/check.ts';
import { request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { useMe } from './session.ts';

const fewestCharacters = 12;

/** Changes the user's own password. Mount it only while it is open, so that no password stays in memory. */
export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const [ended, setEnded] = useState<number>();
  if (ended === undefined) return <PasswordForm onDone={setEnded} onClose={onClose} />;
  return (
    <Dialog title="Password changed" isOpen onClose={onClose}>
      <Notice tone="good">
        {ended === 0
          ? 'Your password has changed. You had no other sessions.'
          : `Your password has changed. ${ended === 1 ? 'Your other session has' : `Your ${ended} other sessions have`} ended.`}
      </Notice>
      <div className="dialog-actions">
        <Button autoFocus onPress={onClose}>
          Close
        </Button>
      </div>
    </Dialog>
  );
}

function PasswordForm({ onDone, onClose }: { onDone: (ended: number) => void; onClose: () => void }) {
  const me = useMe();
  const fields = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const isShort = Array.from(password).length < fewestCharacters;
  const differs = password !== repeated;
  const { isChecked, check } = useCheck(fields, current === '' || isShort || differs);
  return (
    <ChangeDialog
      title="Change password"
      verb="Change password"
      check={check}
      change={() => request<PasswordChanged>('PUT', '/password', { current, password })}
      onDone={({ ended }) => onDone(ended)}
      onClose={onClose}
    >
      <div ref={fields} className="change-form">
        {/* Tells password managers whose password it is. */}
        <input type="text" name="username" autoComplete="username" value={me.name} readOnly hidden />
        <Field
          label="Current password"
          type="password"
          autoComplete="current-password"
          autoFocus
          value={current}
          onChange={setCurrent}
          problem={isChecked && current === '' ? 'Enter your current password.' : undefined}
        />
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          description="At least 12 characters. Your other sessions end."
          value={password}
          onChange={setPassword}
          problem={isChecked && isShort ? 'Enter at least 12 characters.' : undefined}
        />
        <Field
          label="Repeat the new password"
          type="password"
          autoComplete="new-password"
          value={repeated}
          onChange={setRepeated}
          problem={isChecked && !isShort && differs ? 'The two new passwords differ.' : undefined}
        />
      </div>
    </ChangeDialog>
  );
}
