import type { CDPSession, Page } from 'playwright-core';

/** A virtual authenticator of Chromium, for the pages of one tab. */
export type VirtualAuthenticator = {
  cdp: CDPSession;
  id: string;
  /** False: the person does not pass the check by PIN, fingerprint or face. */
  setVerified(isVerified: boolean): Promise<void>;
  /** False: the person does nothing, so the call times out or is cancelled. */
  setPresent(isPresent: boolean): Promise<void>;
  credentials(): Promise<{ credentialId: string; signCount: number; rpId?: string; userHandle?: string }[]>;
  /** Replaces the device by another one with the same keys and this counter. */
  clone(signCount: number): Promise<VirtualAuthenticator>;
  remove(): Promise<void>;
};

const device = {
  protocol: 'ctap2',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

export async function addAuthenticator(
  page: Page,
  transport: 'internal' | 'usb' = 'internal',
): Promise<VirtualAuthenticator> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable', { enableUI: false });
  return authenticatorIn(cdp, transport);
}

async function authenticatorIn(cdp: CDPSession, transport: 'internal' | 'usb'): Promise<VirtualAuthenticator> {
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...device, transport },
  });
  const remove = async () => {
    await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId });
  };
  return {
    cdp,
    id: authenticatorId,
    remove,
    setVerified: async (isUserVerified) => {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    setPresent: async (enabled) => {
      await cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    clone: async (signCount) => {
      const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
      await remove();
      const copy = await authenticatorIn(cdp, 'usb');
      for (const credential of credentials)
        await cdp.send('WebAuthn.addCredential', {
          authenticatorId: copy.id,
          credential: { ...credential, signCount },
        });
      return copy;
    },
  };
}
