import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { RefObject } from 'react';
import { Dialog, Popover } from 'react-aria-components';
import type { SignedOut } from '../../src/contract/sign-in-options.ts';
import { sessionQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { forgetDrafts } from '../decide/drafts.ts';
import { clearCaches } from '../offline/register-worker.ts';
import { DeputiesDialog } from '../session/deputies-dialog.tsx';
import { PasskeysDialog } from '../session/passkeys-dialog.tsx';
import { PasswordDialog } from '../session/password-dialog.tsx';
import { useMe } from '../session/session.ts';
import { SessionsDialog } from '../session/sessions-dialog.tsx';
import { SettingsDialog } from '../session/settings-dialog.tsx';
import { Button } from '../ui/button.tsx';
import { Switch } from '../ui/switch.tsx';
import { useNotificationSwitch } from './notifications.ts';

/** The menu, or the dialog that it opened. */
export type UserMenuPlace = 'menu' | 'settings' | 'deputies' | 'sessions' | 'password' | 'passkeys';

/** The open user menu: browser notifications, settings, deputies, sessions, password, passkeys and sign-out. */
export function OpenUserMenu({
  trigger,
  open,
  onOpen,
}: {
  trigger: RefObject<HTMLElement | null>;
  open: UserMenuPlace;
  /** Opens another one, or none. */
  onOpen: (place: UserMenuPlace | undefined) => void;
}) {
  const me = useMe();
  const client = useQueryClient();
  const notifications = useNotificationSwitch();
  const signOut = useMutation({
    mutationFn: () => request<SignedOut>('DELETE', '/session'),
    onSuccess: async ({ continueAt }) => {
      forgetDrafts();
      await clearCaches();
      // The sign-out of the identity provider. A form's way there would be blocked by the Content Security Policy.
      if (continueAt !== undefined) window.location.assign(continueAt);
      client.setQueryData(sessionQuery.queryKey, null);
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
    },
  });
  const close = () => onOpen(undefined);
  return (
    <>
      <Popover
        className="popover"
        placement="bottom end"
        triggerRef={trigger}
        isOpen={open === 'menu'}
        onOpenChange={(isOpen) => !isOpen && close()}
      >
        <Dialog className="user-menu" aria-label={`Signed in as ${me.name}`}>
          <p>
            <strong>{me.name}</strong>
            <br />
            <span className="quiet-text">{me.roles.join(', ')}</span>
          </p>
          {notifications.isPossible ? (
            <Switch isSelected={notifications.isOn} onChange={(on) => void notifications.setOn(on)}>
              Browser notifications
            </Switch>
          ) : (
            <p className="quiet-text">Notifications are blocked. Allow them in the browser’s settings.</p>
          )}
          <Button onPress={() => onOpen('settings')}>Settings…</Button>
          <Button onPress={() => onOpen('deputies')}>Deputies…</Button>
          <Button onPress={() => onOpen('sessions')}>Your sessions…</Button>
          {!me.byProvider && <Button onPress={() => onOpen('password')}>Change password…</Button>}
          <Button onPress={() => onOpen('passkeys')}>Your passkeys…</Button>
          <Button onPress={() => signOut.mutate()} isPending={signOut.isPending}>
            Sign out
          </Button>
        </Dialog>
      </Popover>
      {open === 'sessions' && <SessionsDialog onClose={close} />}
      {open === 'settings' && <SettingsDialog onClose={close} />}
      {open === 'deputies' && <DeputiesDialog onClose={close} />}
      {open === 'password' && <PasswordDialog onClose={close} />}
      {open === 'passkeys' && <PasskeysDialog onClose={close} />}
    </>
  );
}
