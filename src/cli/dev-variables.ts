import { join } from 'node:path';
import { sqliteUrl } from '@holdpoint/database/url';
import { devKeys } from '../embedded/dev-keys.ts';
import type { StackFacts } from '../embedded/running-stack.ts';

/**
 * The variables of a Worker of yours that joins a running stack, as the lines of an env file. Without those of a model
 * that you pay for: you have its key.
 */
export function devVariables({ temporal, gateway, reviewServer, openai, dataDir }: StackFacts): string {
  const variables = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    HOLDPOINT_DATABASE_URL: sqliteUrl(join(dataDir, 'holdpoint.db')),
    HOLDPOINT_SECRET: devKeys(dataDir).secret,
    HOLDPOINT_PUBLIC_URL: gateway.url,
    CHEQPOINT_BASE_URL: reviewServer.url,
    ...(reviewServer.connectionKey !== null && { CHEQPOINT_CONNECTION_KEY: reviewServer.connectionKey }),
    ...(openai.standIn && { OPENAI_API_KEY: gateway.apiKey, OPENAI_BASE_URL: openai.baseURL }),
  };
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value}"\n`)
    .join('');
}
