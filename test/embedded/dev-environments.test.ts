import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openReviewDatabase } from '../../packages/review-server/src/store/database.ts';
import { openDatabase } from '../../src/adapters/database/open-database.ts';
import {
  gatewaySchema,
  reviewServerSchema,
  standInSchema,
  workerSchema,
  type ProcessSchema,
} from '../../src/config/process-schemas.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { devEnvironments, type DevEnvironments, type DevPlan } from '../../src/embedded/dev-environments.ts';
import { variablesOf } from '../support/schema-variables.ts';

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

describe('devEnvironments', () => {
  it('shell exports variables of Holdpoint, OpenAI, Cheqpoint, Temporal → none is passed on', () => {
    expect(JSON.stringify(devEnvironments(plan()))).not.toContain('canary');
  });

  it("user's own variables → passed to the worker, for the user's tools", () => {
    expect(devEnvironments(plan()).worker).toMatchObject({ PATH: '/bin', MAIL_URL: 'http://mail' });
  });

  it.each<[keyof DevEnvironments, ProcessSchema]>([
    ['worker', workerSchema],
    ['gateway', gatewaySchema],
    ['reviewServer', reviewServerSchema],
    ['standIn', standInSchema],
  ])('%s → a complete and valid configuration, and no variable that it does not read', (process, schema) => {
    const environment = devEnvironments(plan())[process];
    expect(() => readConfig(environment, schema)).not.toThrow();
    const { required, optional } = variablesOf(schema);
    const ours = Object.keys(environment).filter((name) => /^(HOLDPOINT|CHEQPOINT|OPENAI)_/.test(name));
    expect(ours.filter((name) => ![...required, ...optional].includes(name))).toEqual([]);
  });

  it('no hosted service → every address is local', () => {
    const { worker } = devEnvironments(plan());
    expect(worker).toMatchObject({
      OPENAI_BASE_URL: 'http://127.0.0.1:3/v1',
      CHEQPOINT_BASE_URL: 'http://127.0.0.1:2',
      HOLDPOINT_PUBLIC_URL: 'http://127.0.0.1:1',
      TEMPORAL_ADDRESS: '127.0.0.1:4',
      HOLDPOINT_DATABASE_URL: 'sqlite:///project/.holdpoint/holdpoint.db',
    });
  });

  it.each([
    [undefined, '127.0.0.1:1,127.0.0.1,localhost,[::1]'],
    [['hooks.example:9000'], '127.0.0.1:1,hooks.example:9000'],
    ['any', 'any'],
  ] as const)('callback hosts %j → the review server allows %s', (callbackHosts, allowed) => {
    const { reviewServer } = devEnvironments(plan({ callbackHosts }));
    expect(reviewServer['HOLDPOINT_REVIEW_CALLBACK_HOSTS']).toBe(allowed);
  });

  it.each(['plain', 'a #1', 'b?c', '100%', 'd%41', 'caf\u00e9 & more'])(
    'data folder "%s" → both databases stand in it',
    async (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'holdpoint-data-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const dataDir = join(folder, name);
      const { worker, reviewServer } = devEnvironments({ ...plan(), dataDir });
      await (await openDatabase(worker['HOLDPOINT_DATABASE_URL']!)).close();
      const review = await openReviewDatabase(reviewServer['HOLDPOINT_REVIEW_DATABASE_URL']!, () => undefined);
      await review.kysely.destroy();
      expect(readdirSync(folder)).toEqual([name]);
      expect(readdirSync(dataDir).toSorted()).toEqual(['holdpoint.db', 'review.db']);
    },
  );

  it('hosted keys → the Connection Key for worker and gateway, the OpenAI key for the worker only', () => {
    const { worker, gateway, ...others } = devEnvironments(
      plan({
        environment: {},
        openai: { apiKey: canary },
        cheqpoint: { connectionKey: `cheqpoint-${canary}`, baseUrl: 'https://app.cheqpoint.co' },
      }),
    );
    expect(worker).toMatchObject({
      OPENAI_API_KEY: canary,
      CHEQPOINT_CONNECTION_KEY: `cheqpoint-${canary}`,
      CHEQPOINT_BASE_URL: 'https://app.cheqpoint.co',
    });
    expect(gateway).toMatchObject({ CHEQPOINT_CONNECTION_KEY: `cheqpoint-${canary}` });
    expect(Object.values(gateway)).not.toContain(canary);
    expect(worker).not.toHaveProperty('HOLDPOINT_PUBLIC_URL');
    expect(JSON.stringify(others)).not.toContain('canary');
  });

  it('another Temporal server → its TEMPORAL_* variables, and no empty config file', () => {
    const { worker, gateway } = devEnvironments(
      plan({
        temporal: { address: 'cluster:7233', environment: { TEMPORAL_NAMESPACE: 'mine', TEMPORAL_ADDRESS: 'other:1' } },
      }),
    );
    expect(worker).toMatchObject({ TEMPORAL_ADDRESS: 'cluster:7233', TEMPORAL_NAMESPACE: 'mine' });
    expect(gateway).not.toHaveProperty('TEMPORAL_CONFIG_FILE');
  });
});
