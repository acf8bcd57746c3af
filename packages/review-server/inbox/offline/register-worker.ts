const workerAddress = '/service-worker.js';

type TrustedTypes = {
  createPolicy: (
    name: string,
    rules: { createScriptURL: (address: string) => string },
  ) => { createScriptURL: (address: string) => string };
};

/**
 * Registers the service worker, which makes the inbox installable. Without one, for example in a private window or
 * without https, the page works as well.
 */
export function registerWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  const trusted = trustedTypes?.createPolicy('holdpoint-worker', { createScriptURL: onlyOurs });
  navigator.serviceWorker
    .register(trusted?.createScriptURL(workerAddress) ?? workerAddress, { updateViaCache: 'none' })
    .catch(() => {});
}

/** Deletes everything that the service worker keeps in this browser. A browser that refuses it keeps public files only. */
export async function clearCaches(): Promise<void> {
  if (!('caches' in window)) return;
  await caches
    .keys()
    .then((names) => Promise.all(names.map((name) => caches.delete(name))))
    .catch(() => {});
}

function onlyOurs(address: string): string {
  if (address === workerAddress) return address;
  throw new TypeError(`A worker of another address is refused: ${address}`);
}
