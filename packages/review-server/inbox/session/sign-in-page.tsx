import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent } from 'react';
import type { PartialSignIn } from '../../src/contract/passkeys.ts';
import type { SignedIn } from '../../src/contract/session.ts';
import type { SignInOptions } from '../../src/contract/sign-in-options.ts';
import { signInOptionsQuery } from '../api/queries.ts';
import { problemText, request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { EntryPage } from './entry-page.tsx';
import { PasskeySignIn, PasskeyStep } from './passkey-sign-in.tsx';
import { rememberSession } from './session.ts';

/** The ways to sign in when the server can't be asked for them. */
const passwordsOnly: SignInOptions = { password: true, provider: null, problem: null };

/** The sign-in form. It shows at any address and keeps that address. `sealedProblem`: the server knows its sentence. */
export function SignInPage({ problem, sealedProblem }: { problem?: string | undefined; sealedProblem?: string }) {
  const options = useQuery(signInOptionsQuery(sealedProblem));
  const [next, setNext] = useState<PartialSignIn['next']>();
  useEffect(() => {
    document.title = 'Sign in · Holdpoint';
  }, []);
  if (options.isPending) return <div className="entry" aria-busy="true" />;
  if (next !== undefined)
    return (
      <EntryPage>
        <PasskeyStep next={next} onBack={() => setNext(undefined)} />
      </EntryPage>
    );
  const { password, provider, problem: providerProblem } = options.data ?? passwordsOnly;
  return (
    <EntryPage>
      <h1>Sign in to Holdpoint</h1>
      {[problem, providerProblem].map(
        (text) =>
          typeof text === 'string' && (
            <Notice key={text} tone="bad">
              {text}
            </Notice>
          ),
      )}
      {provider !== null && <ProviderLink provider={provider} asksAgain={typeof providerProblem === 'string'} />}
      {provider !== null && password && <p className="entry-or">or with a password</p>}
      {password && <PasswordForm isFirst={provider === null} onNext={setNext} />}
      <PasskeySignIn />
    </EntryPage>
  );
}

/**
 * A plain link: the Content Security Policy keeps forms from other sites. After a problem the provider asks for the
 * account again, since the person may have another one.
 */
function ProviderLink({
  provider: { name, start },
  asksAgain,
}: {
  provider: NonNullable<SignInOptions['provider']>;
  asksAgain: boolean;
}) {
  const { pathname, search } = window.location;
  const back = pathname === '/login' ? '/' : pathname + search;
  return (
    <a
      className="button button-primary button-large provider-link"
      href={`${start}?back=${encodeURIComponent(back)}${asksAgain ? '&again' : ''}`}
    >
      Sign in with {name}
    </a>
  );
}

function PasswordForm({ isFirst, onNext }: { isFirst: boolean; onNext: (next: PartialSignIn['next']) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => request<SignedIn | PartialSignIn>('POST', '/session', { name, password, browser: true }),
    onSuccess: (answer) => ('next' in answer ? onNext(answer.next) : rememberSession(client, answer)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <form onSubmit={submit}>
      {signIn.error !== null && <Notice tone="bad">{problemText(signIn.error)}</Notice>}
      <Field
        label="Name"
        name="name"
        autoComplete="username"
        isRequired
        autoFocus={isFirst}
        value={name}
        onChange={setName}
      />
      <Field
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        isRequired
        value={password}
        onChange={setPassword}
      />
      <Button type="submit" look={isFirst ? 'primary' : 'plain'} size="large" isPending={signIn.isPending}>
        Sign in
      </Button>
    </form>
  );
}
