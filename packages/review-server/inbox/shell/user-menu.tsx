import { ChevronDownIcon } from '@heroicons/react/16/solid';
import { useRef, useState } from 'react';
import { useMe } from '../session/session.ts';
import { lazyPart } from '../ui/lazy-part.tsx';
import { NativeButton } from '../ui/plain-button.tsx';
import type { UserMenuPlace } from './open-user-menu.tsx';

const OpenUserMenu = lazyPart(async () => (await import('./open-user-menu.tsx')).OpenUserMenu, {
  close: ({ onOpen }) => onOpen(undefined),
});

/** The user's name, which opens the menu. */
export function UserMenu() {
  const me = useMe();
  const trigger = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState<UserMenuPlace>();
  return (
    <>
      <NativeButton
        ref={trigger}
        className="user-button"
        aria-haspopup="dialog"
        aria-expanded={open === 'menu'}
        onPress={() => setOpen('menu')}
      >
        <span className="avatar" aria-hidden="true">
          {me.name.slice(0, 1).toUpperCase()}
        </span>
        <span className="user-name">{me.name}</span>
        <ChevronDownIcon aria-hidden="true" />
      </NativeButton>
      {open !== undefined && <OpenUserMenu trigger={trigger} open={open} onOpen={setOpen} />}
    </>
  );
}
