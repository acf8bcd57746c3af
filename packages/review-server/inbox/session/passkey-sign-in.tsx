import { FingerPrintIcon } from '@heroicons/react/20/solid';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { PartialSignIn, passkeySiteSchema, RequestOptions } from '../../src/contract/passkeys.ts';
import type { SignedIn } from '../../src/contract/session.ts';
import { problemText, request } from '../api/request.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { agentName } from './agent-name.ts';
import { askPasskey, canUsePasskeys, makePasskey, PasskeyProblem } from './passkey.ts';
import { rememberSession } from './session.ts';

type Next = PartialSignIn['next'];

/** The button for a sign-in by passkey alone, on a page that can. */
export function PasskeySignIn() {
  const client = useQueryClient();
  const site = useQuery({
    queryKey: ['passkey-site'],
    queryFn: () => request<(typeof passkeySiteSchema)['_output']>('GET', '/session/passkey'),
    staleTime: Infinity,
  });
  const signIn = useMutation({
    mutationFn: async () => signInBy(await request<RequestOptions>('POST', '/session/passkey/options')),
    onSuccess: (signedIn) => rememberSession(client, signedIn),
  });
  const origin = site.data?.origin ?? null;
  if (origin === null) return null;
  if (!canUsePasskeys(origin)) return <OtherAddress origin={origin} />;
  return (
    <div className="other-sign-in">
      {signIn.error !== null && <Notice tone="bad">{problemText(signIn.error)}</Notice>}
      <Button
        size="large"
        icon={<FingerPrintIcon aria-hidden="true" />}
        isPending={signIn.isPending}
        onPress={() => signIn.mutate()}
      >
        {signIn.error instanceof PasskeyProblem ? 'Try again with a passkey' : 'Sign in with a passkey'}
      </Button>
    </div>
  );
}

/** The second step after the password: a passkey, or the first one. */
export function PasskeyStep({ next, onBack }: { next: Next; onBack: () => void }) {
  const client = useQueryClient();
  const heading = useRef<HTMLHeadingElement>(null);
  const [name, setName] = useState(agentName(navigator.userAgent));
  const step = useMutation({
    mutationFn: async () => {
      if (next.kind === 'passkey') return signInBy(next.options);
      const response = await makePasskey(next.options);
      return request<SignedIn>('POST', '/session/passkey/enrol', { name, response, browser: true });
    },
    onSuccess: (signedIn) => rememberSession(client, signedIn),
  });
  // The field of the password is gone.
  useEffect(() => heading.current?.focus(), []);
  const isEnrolment = next.kind === 'enrol';
  const canTry = step.error === null || step.error instanceof PasskeyProblem;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    step.mutate();
  };
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {isEnrolment ? 'Add a passkey' : 'Confirm with your passkey'}
      </h1>
      {step.error !== null && <Notice tone="bad">{problemText(step.error)}</Notice>}
      {canUsePasskeys(next.origin) ? (
        <form onSubmit={submit}>
          <p>
            {isEnrolment
              ? 'Your password is right. You also need a passkey: your device makes it, and asks for your fingerprint, face or PIN.'
              : 'Your password is right. Your device now asks for your fingerprint, face or PIN.'}
          </p>
          {isEnrolment && (
            <Field label="Name of the passkey" isRequired maxLength={100} value={name} onChange={setName} />
          )}
          {canTry && (
            <Button type="submit" look="primary" size="large" isPending={step.isPending}>
              {step.error === null ? (isEnrolment ? 'Add passkey' : 'Use passkey') : 'Try again'}
            </Button>
          )}
          <Button size="large" onPress={onBack}>
            Back to the password
          </Button>
        </form>
      ) : (
        <>
          <OtherAddress origin={next.origin} />
          <Button size="large" onPress={onBack}>
            Back to the password
          </Button>
        </>
      )}
    </>
  );
}

function OtherAddress({ origin }: { origin: string }) {
  if (origin === location.origin) return <p className="quiet-text">This browser has no passkeys.</p>;
  return (
    <p className="quiet-text">
      Passkeys work at <a href={`${origin}${location.pathname}`}>{origin}</a> only.
    </p>
  );
}

async function signInBy(options: RequestOptions): Promise<SignedIn> {
  const response = await askPasskey(options);
  return request<SignedIn>('POST', '/session/passkey', { response, browser: true });
}
