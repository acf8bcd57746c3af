import type { Connection } from '@temporalio/client';
import { isOlder } from './older-version.ts';

/** The oldest Temporal server that Holdpoint's tests ran on. Older ones don't tell a run's first run id, by which calls are named. */
const oldest = { major: 1, minor: 28 };

/**
 * The version of the Temporal server, for instance `1.31.2`. A server that names itself in another way is taken as it is.
 * @throws Error when it is too old.
 */
export async function checkServerVersion(connection: Pick<Connection, 'workflowService'>): Promise<string> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  if (isOlder(serverVersion, oldest))
    throw new Error(
      `The Temporal server is version ${serverVersion}; Holdpoint needs ${oldest.major}.${oldest.minor} or newer. Upgrade the server.`,
    );
  return serverVersion;
}
