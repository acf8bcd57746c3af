import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import type { PartialSignIn } from '../../src/contract/passkeys.ts';
import type { SignedIn } from '../../src/contract/reviewer-api.ts';
import { problemText, request } from '../api/request.ts';
import { Brand } from '../shell/brand.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { PasskeySignIn, PasskeyStep } from './passkey-sign-in.tsx';
import { rememberSession } from './session.ts';

/** The sign-in form. It shows at any address and keeps that address. */
export function SignInPage({ problem }: { problem?: string | undefined }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [next, setNext] = useState<PartialSignIn['next']>();
  const signIn = useMutation({
    mutationFn: () => request<SignedIn | PartialSignIn>('POST', '/session', { name, password, browser: true }),
    onSuccess: (answer) => ('next' in answer ? setNext(answer.next) : rememberSession(client, answer)),
  });
  useEffect(() => {
    document.title = 'Sign in · Holdpoint';
  }, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  if (next !== undefined)
    return (
      <EntryPage>
        <PasskeyStep next={next} onBack={() => setNext(undefined)} />
      </EntryPage>
    );
  const wrong = signIn.error === null ? problem : problemText(signIn.error);
  return (
    <EntryPage>
      <h1>Sign in to Holdpoint</h1>
      {wrong !== undefined && <Notice tone="bad">{wrong}</Notice>}
      <form onSubmit={submit}>
        <Field label="Name" name="name" autoComplete="username" isRequired autoFocus value={name} onChange={setName} />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={setPassword}
        />
        <Button type="submit" look="primary" size="large" isPending={signIn.isPending}>
          Sign in
        </Button>
      </form>
      <PasskeySignIn />
    </EntryPage>
  );
}

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
