import { ChevronDownIcon } from '@heroicons/react/16/solid';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import type { SignedOut } from '../../src/contract/sign-in-options.ts';
import { sessionQuery } from '../api/queries.ts';
import { request } from '../api/request.ts';
import { forgetDrafts } from '../decide/drafts.ts';
import { DeputiesDialog } from '../session/deputies-dialog.tsx';
import { clearCaches } from '../offline/register-worker.ts';
import { PasskeysDialog } from '../session/passkeys-dialog.tsx';
import { PasswordDialog } from '../session/password-dialog.tsx';
import { useMe } from '../session/session.ts';
import { SessionsDialog } from '../session/sessions-dialog.tsx';
import { SettingsDialog } from '../session/settings-dialog.tsx';
import { Button as OurButton } from '../ui/button.tsx';
import { Switch } from '../ui/switch.tsx';
import { useNotificationSwitch } from './notifications.ts';

/** The user, browser notifications, settings, deputies, sessions, password, passkeys and sign-out. */
export function UserMenu() {
  const me = useMe();
  const client = useQueryClient();
  const [menuIsOpen, setMenuOpen] = useState(false);
  const [sessionsAreOpen, setSessionsOpen] = useState(false);
  const [passwordIsOpen, setPasswordOpen] = useState(false);
  const [settingsAreOpen, setSettingsOpen] = useState(false);
  const [deputiesAreOpen, setDeputiesOpen] = useState(false);
  const [passkeysAreOpen, setPasskeysOpen] = useState(false);
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
  return (
    <>
      <DialogTrigger isOpen={menuIsOpen} onOpenChange={setMenuOpen}>
        <Button className="user-button">
          <span className="avatar" aria-hidden="true">
            {me.name.slice(0, 1).toUpperCase()}
          </span>
          <span className="user-name">{me.name}</span>
          <ChevronDownIcon aria-hidden="true" />
        </Button>
        <Popover className="popover" placement="bottom end">
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
            <OurButton
              onPress={() => {
                setMenuOpen(false);
                setSettingsOpen(true);
              }}
            >
              Settings…
            </OurButton>
            <OurButton
              onPress={() => {
                setMenuOpen(false);
                setDeputiesOpen(true);
              }}
            >
              Deputies…
            </OurButton>
            <OurButton
              onPress={() => {
                setMenuOpen(false);
                setSessionsOpen(true);
              }}
            >
              Your sessions…
            </OurButton>
            {!me.byProvider && (
              <OurButton
                onPress={() => {
                  setMenuOpen(false);
                  setPasswordOpen(true);
                }}
              >
                Change password…
              </OurButton>
            )}
            <OurButton
              onPress={() => {
                setMenuOpen(false);
                setPasskeysOpen(true);
              }}
            >
              Your passkeys…
            </OurButton>
            <OurButton onPress={() => signOut.mutate()} isPending={signOut.isPending}>
              Sign out
            </OurButton>
          </Dialog>
        </Popover>
      </DialogTrigger>
      <SessionsDialog isOpen={sessionsAreOpen} onClose={() => setSessionsOpen(false)} />
      {settingsAreOpen && <SettingsDialog onClose={() => setSettingsOpen(false)} />}
      {deputiesAreOpen && <DeputiesDialog onClose={() => setDeputiesOpen(false)} />}
      {passwordIsOpen && <PasswordDialog onClose={() => setPasswordOpen(false)} />}
      {passkeysAreOpen && <PasskeysDialog onClose={() => setPasskeysOpen(false)} />}
    </>
  );
}
