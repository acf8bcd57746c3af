import { expect, it } from 'vitest';
import { checkServerVersion } from '../../../src/adapters/temporal/server-version.ts';
import { startTestTemporal } from '../../support/temporal.ts';

type Checked = Parameters<typeof checkServerVersion>[0];
const server = (serverVersion: string) =>
  ({ workflowService: { getSystemInfo: async () => ({ serverVersion }) } }) as unknown as Checked;

it.each(['1.28.0', '1.31.2', '1.100.0-rc.1', 'v2.0.1', 'main', ''])(
  'Temporal server version "%s": accepted',
  async (version) => {
    expect(await checkServerVersion(server(version))).toBe(version);
  },
);

it.each(['1.27.9', '1.9.0', '0.28.1'])('Temporal server version %s: refused, with the remedy', async (version) => {
  await expect(checkServerVersion(server(version))).rejects.toThrow(
    `The Temporal server is version ${version}; Holdpoint needs 1.28 or newer. Upgrade the server.`,
  );
});

it('real Temporal server: returns its version', async () => {
  expect(await checkServerVersion((await startTestTemporal()).connection)).toMatch(/^\d+\.\d+\.\d+/);
});
