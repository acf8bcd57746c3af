import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { CreationOptions, OwnPasskeys, Passkey } from '../../src/contract/passkeys.ts';
import { problemText, request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { LiteralText } from '../ui/literal-text.tsx';
import { Loaded } from '../ui/loaded.tsx';
import { Notice } from '../ui/notice.tsx';
import { TimeAgo } from '../ui/time.tsx';
import { agentName } from './agent-name.ts';
import { canUsePasskeys, makePasskey, PasskeyProblem, provePasskey } from './passkey.ts';

/** A change of the own passkeys, and the sentence when it is done. */
type Change = { run: () => Promise<unknown>; done: string };

const passkeysKey = ['passkeys'];

/** The user's passkeys: add, rename, remove. */
export function PasskeysDialog({ onClose }: { onClose: () => void }) {
  const own = useQuery({
    queryKey: passkeysKey,
    queryFn: () => request<OwnPasskeys>('GET', '/passkeys'),
    staleTime: 0,
  });
  return (
    <Dialog title="Your passkeys" isOpen onClose={onClose}>
      <Loaded query={own}>{(data) => <Own own={data} />}</Loaded>
    </Dialog>
  );
}

function Own({ own }: { own: OwnPasskeys }) {
  const client = useQueryClient();
  const result = useRef<HTMLDivElement>(null);
  const change = useMutation({
    mutationFn: async ({ run }: Change) => {
      if (!own.fresh) await provePasskey();
      await run();
    },
    onSettled: () => client.invalidateQueries({ queryKey: passkeysKey }),
  });
  const { isSuccess, isPending, error, variables } = change;
  useEffect(() => {
    // The button of the change may be gone.
    if (isSuccess) result.current?.focus();
  }, [isSuccess]);
  const canProve = own.fresh || own.passkeys.length > 0;
  return (
    <div className="passkeys">
      <p className="quiet-text">
        A passkey is on your phone, computer or security key, and checks your fingerprint, face or PIN. With one you
        sign in by password and passkey, or by passkey alone, and approve critical requests.
      </p>
      {isSuccess && (
        <Notice tone="good" focus={result}>
          {variables.done}
        </Notice>
      )}
      {error !== null && (
        <Notice tone="bad">
          {problemText(error)}{' '}
          {error instanceof PasskeyProblem && (
            <Button size="small" onPress={() => change.mutate(variables)}>
              Try again
            </Button>
          )}
        </Notice>
      )}
      {own.passkeys.length === 0 ? (
        <p>You have no passkey.</p>
      ) : (
        <ul className="sessions">
          {own.passkeys.map((passkey) => (
            <OnePasskey key={passkey.id} passkey={passkey} isBusy={isPending} onChange={change.mutate} />
          ))}
        </ul>
      )}
      {own.required && <p className="quiet-text">An administrator requires you to keep one.</p>}
      {own.problem !== null ? (
        <Notice tone="info">{own.problem}</Notice>
      ) : !canUsePasskeys(own.origin) ? (
        <Notice tone="info">
          {own.origin === location.origin ? (
            'This browser has no passkeys.'
          ) : (
            <>
              Passkeys work at <a href={own.origin!}>{own.origin}</a> only.
            </>
          )}
        </Notice>
      ) : canProve ? (
        <AddPasskey isBusy={isPending} isDone={isSuccess} onChange={change.mutate} />
      ) : (
        <Notice tone="info">
          To add a passkey, sign out and in again first: your sign-in is older than ten minutes.
        </Notice>
      )}
    </div>
  );
}

function AddPasskey({
  isBusy,
  isDone,
  onChange,
}: {
  isBusy: boolean;
  isDone: boolean;
  onChange: (change: Change) => void;
}) {
  const [name, setName] = useState(agentName(navigator.userAgent));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    onChange({
      done: `The passkey “${name}” is added.`,
      run: async () => {
        const options = await request<CreationOptions>('POST', '/passkeys/options');
        await request<Passkey>('POST', '/passkeys', { name, response: await makePasskey(options) });
      },
    });
  };
  return (
    <form className="change-form" onSubmit={submit}>
      <Field
        label="Name of the new passkey"
        description="Such as the device that it is on."
        isRequired
        maxLength={100}
        autoComplete="off"
        value={name}
        onChange={setName}
      />
      <div className="dialog-actions">
        <Button type="submit" look={isDone ? 'plain' : 'primary'} isPending={isBusy}>
          Add passkey
        </Button>
      </div>
    </form>
  );
}

function OnePasskey({
  passkey: { id, name, createdAt, lastUsedAt, synced },
  isBusy,
  onChange,
}: {
  passkey: Passkey;
  isBusy: boolean;
  onChange: (change: Change) => void;
}) {
  const [mode, setMode] = useState<'none' | 'rename' | 'remove'>('none');
  const [newName, setNewName] = useState(name);
  const path = `/passkeys/${encodeURIComponent(id)}`;
  const rename = (event: FormEvent) => {
    event.preventDefault();
    setMode('none');
    onChange({
      done: `The passkey is called “${newName}” now.`,
      run: () => request('PATCH', path, { name: newName }),
    });
  };
  const remove = () => onChange({ done: `The passkey “${name}” is removed.`, run: () => request('DELETE', path) });
  if (mode === 'rename')
    return (
      <li>
        <form className="rename-form" onSubmit={rename}>
          <Field label="New name" isRequired autoFocus maxLength={100} value={newName} onChange={setNewName} />
          <Button size="small" type="submit" look="primary">
            Save
          </Button>
          <Button size="small" onPress={() => setMode('none')}>
            Cancel
          </Button>
        </form>
      </li>
    );
  return (
    <li>
      <div>
        <p>
          <strong>
            <LiteralText>{name}</LiteralText>
          </strong>
          {synced && <span className="quiet-text"> Synced to your other devices</span>}
        </p>
        <p className="quiet-text">
          Added <TimeAgo at={createdAt} /> ·{' '}
          {lastUsedAt === null ? (
            'Never used'
          ) : (
            <>
              Last used <TimeAgo at={lastUsedAt} />
            </>
          )}
        </p>
      </div>
      <div className="row-actions">
        {mode === 'remove' ? (
          <>
            <Button size="small" autoFocus onPress={() => setMode('none')}>
              Keep
            </Button>
            <Button size="small" look="refuse" isPending={isBusy} onPress={remove} aria-label={`Remove ${name} now`}>
              Remove
            </Button>
          </>
        ) : (
          <>
            <Button size="small" onPress={() => setMode('rename')} aria-label={`Rename ${name}`}>
              Rename…
            </Button>
            <Button size="small" look="reject" onPress={() => setMode('remove')} aria-label={`Remove ${name}`}>
              Remove…
            </Button>
          </>
        )}
      </div>
    </li>
  );
}
