import type { PayloadKeyUse } from '../adapters/temporal/payload-key-use.ts';
import type { PayloadEncryption } from '../schemas/payload-keys.ts';

/** Executions whose histories `doctor` reads. */
export const mostExecutions = 5_000;

type Finding = { state: 'ok' | 'failed' | 'skipped'; found: string; todo?: string };

/** What the keys of this process and those in Temporal say together. */
export function payloadKeysFinding(
  encryption: PayloadEncryption | undefined,
  { byKey, executions, isPartial }: PayloadKeyUse,
): Finding {
  const known = encryption?.keys.map(({ id }) => id) ?? [];
  const missing = [...byKey.keys()].filter((id) => !known.includes(id));
  const uses = (id: string) => {
    const { open, closed } = byKey.get(id) ?? { open: 0, closed: 0 };
    return `"${id}": ${open} open and ${closed} closed`;
  };
  if (missing.length > 0)
    return {
      state: 'failed',
      found: `Temporal has executions whose payload keys are missing here, ${missing.map(uses).join('; ')}`,
      todo: 'Add these keys to HOLDPOINT_PAYLOAD_KEYS of every worker and gateway, behind the first one: docs/encryption.md.',
    };
  if (encryption === undefined)
    return { state: 'skipped', found: 'HOLDPOINT_PAYLOAD_KEYS is not set; Temporal stores values in clear' };
  const says = encryption.decryptOnly === true ? 'nothing is encrypted' : `"${known[0]}" encrypts`;
  const read = isPartial ? `of the first ${executions} executions` : `of ${executions} executions`;
  const unused = isPartial ? [] : known.slice(1).filter((id) => !byKey.has(id));
  return {
    state: 'ok',
    found: `${says}; ${read} need ${known.map(uses).join('; ')}`,
    ...(unused.length > 0 && {
      todo: `No execution needs ${unused.map((id) => `"${id}"`).join(', ')}: remove it once every process encrypts with the first key.`,
    }),
  };
}
