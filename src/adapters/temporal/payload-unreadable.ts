type Why = { reason: 'no key'; known: readonly string[] } | { reason: 'wrong key'; namespace: string };

/** A value that this process can't decrypt. The message names the key and the remedy. */
export class PayloadUnreadable extends Error {
  override readonly name = 'PayloadUnreadable';
  readonly keyId: string;
  constructor(keyId: string, why: Why) {
    super(unreadableText(keyId, why));
    this.keyId = keyId;
  }
}

function unreadableText(keyId: string, why: Why): string {
  const value = `A value in Temporal is encrypted with the payload key "${keyId}"`;
  if (why.reason === 'wrong key')
    return `${value}, and the key "${keyId}" of this process does not open it. HOLDPOINT_PAYLOAD_KEYS has another key of this id, or the value is from another namespace than "${why.namespace}", or it was changed. Give every process the same keys.`;
  if (why.known.length === 0)
    return `${value}, and this process has no payload keys. Set HOLDPOINT_PAYLOAD_KEYS as the other processes have it.`;
  return `${value}, which this process lacks (it has ${why.known.map((id) => `"${id}"`).join(', ')}). Add it to HOLDPOINT_PAYLOAD_KEYS, behind the first key.`;
}
