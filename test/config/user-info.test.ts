import { describe, expect, it } from 'vitest';
import { createApprovalSchema } from '@holdpoint/cheqpoint/wire';
import { CheqpointClient } from '../../src/cheqpoint.ts';
import { connect } from '../../src/cli/connection.ts';
import { createClient } from '../../src/client.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { doctorSchema } from '../../src/config/process-schemas.ts';
import { settings } from '../../src/config/settings.ts';
import { createWorker } from '../../src/worker/create-worker.ts';

const withUserInfo = [
  'https://ana:canary-pass@host.example/v1',
  'https://canary-pass@host.example',
  'http://:canary-pass@[::1]:1/',
];

/** The message of what `work` throws. */
async function messageOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
}

const isUrlSetting = ({ value }: (typeof settings)[keyof typeof settings]) =>
  value.safeParse('host.example').error?.issues.some(({ message }) => message.startsWith('must be a URL')) === true;
const urlSettings = Object.values(settings)
  .filter(isUrlSetting)
  .map(({ variable }) => variable);

describe('user name and password in an address → refused, and not shown', () => {
  it('the settings with an address are known', () => {
    expect(urlSettings.toSorted()).toEqual([
      'CHEQPOINT_BASE_URL',
      'HOLDPOINT_GATEWAY_URL',
      'HOLDPOINT_INBOX_URL',
      'HOLDPOINT_OIDC_ISSUER',
      'HOLDPOINT_PUBLIC_URL',
      'HOLDPOINT_REVIEW_GATEWAY_PUBLIC_URL',
      'HOLDPOINT_REVIEW_GATEWAY_URL',
      'HOLDPOINT_REVIEW_NOTIFY_URL',
      'HOLDPOINT_REVIEW_PUBLIC_URL',
      'HOLDPOINT_TEMPORAL_UI_URL',
      'OPENAI_BASE_URL',
    ]);
  });

  it.each(urlSettings)('%s', async (variable) => {
    for (const address of withUserInfo) {
      const message = await messageOf(() =>
        readConfig({ TEMPORAL_CONFIG_FILE: '/nowhere', [variable]: address }, doctorSchema),
      );
      expect(message).toContain(`${variable} must not carry a user name or password`);
      expect(message).not.toContain('canary');
    }
  });

  it('TEMPORAL_ADDRESS', async () => {
    const message = await messageOf(() =>
      readConfig({ TEMPORAL_CONFIG_FILE: '/nowhere', TEMPORAL_ADDRESS: 'ana:canary-pass@host:7233' }, doctorSchema),
    );
    expect(message).toContain('without a user name or password');
    expect(message).not.toContain('canary');
  });

  it.each([
    ['createClient', (url: string) => createClient({ url, apiKey: 'key' })],
    ['--gateway-url', (gatewayUrl: string) => connect({ gatewayUrl, apiKey: 'key' }, {})],
    ['CheqpointClient', (baseUrl: string) => new CheqpointClient({ apiKey: 'key', baseUrl })],
    ...(['baseURL', 'baseUrl', 'publicUrl', 'temporalUiUrl'] as const).map(
      (option) =>
        [
          `createWorker, ${option}`,
          (address: string) =>
            createWorker({
              config: { taskQueue: 'q', assistants: [] },
              databaseUrl: 'sqlite::memory:',
              secrets: ['s'.repeat(32)],
              openai: { apiKey: 'key', ...(option === 'baseURL' ? { baseURL: address } : {}) },
              cheqpoint: option === 'baseUrl' ? { baseUrl: address } : {},
              ...(option === 'publicUrl' || option === 'temporalUiUrl' ? { [option]: address } : {}),
            }),
        ] as const,
    ),
  ] as const)('%s', async (_what, use: (address: string) => unknown) => {
    for (const address of withUserInfo) {
      const message = await messageOf(() => use(address));
      expect(message).toContain('user name or password');
      expect(message).not.toContain('canary');
    }
  });

  it('createClient with another scheme, or none → not shown either', async () => {
    for (const url of ['ftp://ana:canary-pass@host', 'ana:canary-pass@host'])
      expect(await messageOf(() => createClient({ url, apiKey: 'key' }))).not.toContain('canary');
  });

  it.each(['callbackUrl', 'webhookUrl', 'runUrl', 'workflowUrl'])('%s of a request', (field) => {
    const parsed = createApprovalSchema.safeParse({ action: 'a', summary: 's', details: {}, [field]: withUserInfo[0] });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual(['must not carry a user name or password']);
  });
});

it('database address with user name and password → accepted', () => {
  expect(settings.databaseUrl.value.safeParse('postgres://ana:pass@host/db').success).toBe(true);
});
