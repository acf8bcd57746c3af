import type { Dependency } from '@holdpoint/process';
import type { PayloadUnreadable } from './payload-unreadable.ts';

/** Shortest time between two lines about the same key, in milliseconds. */
const quietMs = 60_000;
/** How long `/readyz` shows a key that was missing, in milliseconds. */
const shownMs = 10 * 60_000;
/** Anyone with write access to Temporal can make up ids. */
const mostIds = 50;

export type UnreadablePayloads = {
  /** For `createDataConverter`. */
  onUnreadable: (error: PayloadUnreadable) => void;
  /** For `/readyz`. It warns and stays ready: a forged value must not take a process out of service. */
  dependency: Dependency;
};

/** Logs values that can't be decrypted, once a minute for each key, and shows them in `/readyz`. */
export function watchUnreadablePayloads(
  warn: (fields: { payloadKey: string }, message: string) => void,
  now: () => number = () => performance.now(),
): UnreadablePayloads {
  const seen = new Map<string, { at: number; loggedAt: number; message: string }>();
  return {
    onUnreadable({ keyId, message }) {
      const before = seen.get(keyId);
      if (before === undefined && seen.size >= mostIds) return;
      const isLogged = before === undefined || now() - before.loggedAt >= quietMs;
      seen.set(keyId, { at: now(), loggedAt: isLogged ? now() : before.loggedAt, message });
      if (isLogged) warn({ payloadKey: keyId }, message);
    },
    dependency: {
      name: 'Payload keys',
      setting: 'HOLDPOINT_PAYLOAD_KEYS',
      optional: true,
      ask: async () => undefined,
      warning() {
        for (const [id, { at }] of seen) if (now() - at >= shownMs) seen.delete(id);
        const messages = [...seen.values()].map(({ message }) => message);
        return messages.length === 0 ? undefined : messages.slice(0, 3).join(' ');
      },
    },
  };
}
