import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { devEnvironments, type DevPlan } from '../../src/embedded/dev-environments.ts';

const canary = 'canary-0123456789-0123456789-0123456789';
const keys = {
  secret: 's'.repeat(32),
  apiKey: 'a'.repeat(32),
  connectionKey: 'connection-key',
  sessionSecret: 't'.repeat(32),
  reviewerPassword: 'password',
};
const plan = (options: Partial<DevPlan['options']> = {}): DevPlan => ({
  options: {
    configFile: '/project/holdpoint.config.ts',
    dataDir: '/project/.holdpoint',
    environment: {
      PATH: '/bin',
      MAIL_URL: 'http://mail',
      OPENAI_API_KEY: canary,
      OPENAI_BASE_URL: `http://${canary}`,
      OPENAI_ORG_ID: canary,
      CHEQPOINT_CONNECTION_KEY: canary,
      TEMPORAL_API_KEY: canary,
      TEMPORAL_PROFILE: canary,
      HOLDPOINT_SECRET: canary,
      HOLDPOINT_PUBLIC_URL: canary,
    },
    log: () => {},
    ...options,
  },
  dataDir: '/project/.holdpoint',
  ports: { gateway: 1, reviewServer: 2, standIn: 3, temporal: 4, temporalUi: 5 },
  keys,
  loginToken: 'l'.repeat(32),
  temporal: { address: '127.0.0.1:4', uiUrl: 'http://127.0.0.1:5' },
});

describe('the environments of a dev stack', () => {
  it('take nothing over that the shell exports for Holdpoint, OpenAI, Cheqpoint or Temporal', () => {
    expect(JSON.stringify(devEnvironments(plan()))).not.toContain('canary');
  });

  it("show the user's own variables to the user's tools", () => {
    expect(devEnvironments(plan()).worker).toMatchObject({ PATH: '/bin', MAIL_URL: 'http://mail' });
  });

  it.each(['worker', 'gateway', 'reviewServer', 'standIn'] as const)(
    'are a complete and valid configuration of the %s',
    (process) => {
      expect(() => readConfig(devEnvironments(plan())[process])).not.toThrow();
    },
  );

  it('lead local parts to local parts', () => {
    const { worker } = devEnvironments(plan());
    expect(worker).toMatchObject({
      OPENAI_BASE_URL: 'http://127.0.0.1:3/v1',
      CHEQPOINT_BASE_URL: 'http://127.0.0.1:2',
      HOLDPOINT_PUBLIC_URL: 'http://127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:4',
      HOLDPOINT_DATABASE_URL: 'sqlite:///project/.holdpoint/holdpoint.db',
    });
  });

  it('show hosted keys to the process that needs them, and to no other', () => {
    const { worker, ...others } = devEnvironments(
      plan({
        environment: {},
        openai: { apiKey: canary },
        cheqpoint: { connectionKey: canary, baseUrl: 'https://app.cheqpoint.co' },
      }),
    );
    expect(worker).toMatchObject({
      OPENAI_API_KEY: canary,
      CHEQPOINT_CONNECTION_KEY: canary,
      CHEQPOINT_BASE_URL: 'https://app.cheqpoint.co',
    });
    expect(worker).not.toHaveProperty('HOLDPOINT_PUBLIC_URL');
    expect(JSON.stringify(others)).not.toContain('canary');
  });

  it("use another Temporal server's own variables when one is named", () => {
    const { worker, gateway } = devEnvironments(
      plan({
        temporal: { address: 'cluster:7233', environment: { TEMPORAL_NAMESPACE: 'mine', TEMPORAL_ADDRESS: 'other:1' } },
      }),
    );
    expect(worker).toMatchObject({ TEMPORAL_ADDRESS: 'cluster:7233', TEMPORAL_NAMESPACE: 'mine' });
    expect(gateway).not.toHaveProperty('TEMPORAL_CONFIG_FILE');
  });
});
