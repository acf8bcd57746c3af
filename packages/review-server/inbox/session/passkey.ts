import type * as Library from '@simplewebauthn/browser';
import type { Assertion, CreationOptions, NewPasskey, RequestOptions } from '../../src/contract/passkeys.ts';
import { request } from '../api/request.ts';

/** A passkey that the device did not give. The message is a sentence for the user, who can try again. */
export class PasskeyProblem extends Error {
  override readonly name = 'PasskeyProblem';
}

const notAllowed =
  'Your passkey was not used: it was cancelled, took too long, is not on this device, or the device did not recognise you.';

/** True if this page can use passkeys of a server with this origin. */
export function canUsePasskeys(origin: string | null): boolean {
  return origin === location.origin && 'PublicKeyCredential' in window;
}

/** Asks the device for a passkey. @throws PasskeyProblem. */
export async function askPasskey(options: RequestOptions): Promise<Assertion> {
  return fromDevice(
    async ({ startAuthentication }) => startAuthentication({ optionsJSON: options }) as Promise<Assertion>,
  );
}

/** Asks the device to make a passkey. @throws PasskeyProblem. */
export async function makePasskey(options: CreationOptions): Promise<NewPasskey> {
  return fromDevice(
    async ({ startRegistration }) => startRegistration({ optionsJSON: options }) as Promise<NewPasskey>,
  );
}

/** Proves a passkey, so that the server takes changes for ten minutes. @throws PasskeyProblem, RequestProblem. */
export async function provePasskey(): Promise<void> {
  const response = await askPasskey(await request<RequestOptions>('POST', '/passkeys/proof/options'));
  await request('POST', '/passkeys/proof', { response });
}

// The library is 9 kB, and most pages never ask for a passkey.
async function fromDevice<Answer>(ask: (library: typeof Library) => Promise<Answer>): Promise<Answer> {
  const library = await import('@simplewebauthn/browser');
  try {
    return await ask(library);
  } catch (error) {
    throw new PasskeyProblem(textOf(error), { cause: error });
  }
}

function textOf(error: unknown): string {
  const name = error instanceof Error ? error.name : '';
  if (name === 'NotAllowedError' || name === 'AbortError') return notAllowed;
  if (name === 'InvalidStateError')
    return 'This device has a passkey of yours already. Use that one, or add another device.';
  if (name === 'SecurityError') return 'Browsers allow passkeys only at the address that this server names.';
  return 'This browser or device can’t use passkeys here.';
}
