import { expect, it } from 'vitest';
import { payloadKeysFinding } from '../../src/cli/doctor-payload-keys.ts';
import { newKey, oldKey } from '../support/payload-keys.ts';

const use = (counts: Record<string, { open: number; closed: number }>, isPartial = false) => ({
  byKey: new Map(Object.entries(counts)),
  executions: 9,
  isPartial,
});
const both = { keys: [newKey, oldKey] };

it('no keys, nothing encrypted → skipped', () => {
  expect(payloadKeysFinding(undefined, use({}))).toMatchObject({ state: 'skipped' });
});

it('no execution needs the old key → it may go; after a partial read it stays', () => {
  expect(payloadKeysFinding(both, use({ new: { open: 1, closed: 2 } }))).toEqual({
    state: 'ok',
    found: '"new" encrypts; of 9 executions need "new": 1 open and 2 closed; "old": 0 open and 0 closed',
    todo: 'No execution needs "old": remove it once every process encrypts with the first key.',
  });
  expect(payloadKeysFinding(both, use({}, true))).not.toHaveProperty('todo');
});

it('one closed execution needs the old key → it stays', () => {
  expect(payloadKeysFinding(both, use({ old: { open: 0, closed: 1 } }))).not.toHaveProperty('todo');
});

it('a key that this process lacks → failed, with the remedy', () => {
  expect(payloadKeysFinding({ keys: [newKey] }, use({ old: { open: 1, closed: 0 } }))).toEqual({
    state: 'failed',
    found: 'Temporal has executions whose payload keys are missing here, "old": 1 open and 0 closed',
    todo: 'Add these keys to HOLDPOINT_PAYLOAD_KEYS of every worker and gateway, behind the first one: docs/encryption.md.',
  });
});
