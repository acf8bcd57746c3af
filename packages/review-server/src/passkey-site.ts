import { isIP } from 'node:net';

/** The site that passkeys are bound to. A passkey works at this origin only, and is lost when the host changes. */
export type PasskeySite = { rpId: string; origin: string };

/** The site of a public address, or a sentence why it can have no passkeys. */
export function passkeySite(publicUrl: string): PasskeySite | { problem: string } {
  const { hostname, origin, protocol } = new URL(publicUrl);
  const advice =
    'Set HOLDPOINT_REVIEW_PUBLIC_URL to an address with a name, such as http://localhost:7342 or https://review.example.com, and open the inbox there.';
  if (isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0)
    return {
      problem: `Browsers allow passkeys at a host name only, and this server's address is ${origin}. ${advice}`,
    };
  if (protocol !== 'https:' && !/^(.+\.)?localhost$/.test(hostname))
    return { problem: `Browsers allow passkeys over https only, and this server's address is ${origin}. ${advice}` };
  return { rpId: hostname, origin };
}

/** The site of a server, or a sentence why it can have no passkeys. */
export function siteOf({
  passkeySite: read = () => ({ problem: 'This server has no address.' }),
}: {
  passkeySite?: () => PasskeySite | { problem: string };
}): PasskeySite | { problem: string } {
  return read();
}
