import type { ConnectionLike } from '@temporalio/client';
import { isOlder } from './older-version.ts';

/** The oldest supported Temporal server. Older ones don't return a run's first run id, a part of each call key. */
const oldest = { major: 1, minor: 28 };

/**
 * The version of the Temporal server, such as `1.31.2`. Accepts versions of another form unchecked.
 * @throws Error when the server is too old.
 */
export async function checkServerVersion(connection: Pick<ConnectionLike, 'workflowService'>): Promise<string> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  if (isOlder(serverVersion, oldest))
    throw new Error(
      `The Temporal server is version ${serverVersion}; Holdpoint needs ${oldest.major}.${oldest.minor} or newer. Upgrade the server.`,
    );
  return serverVersion;
}
