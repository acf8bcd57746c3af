import { afterAll, beforeAll, describe, it } from 'vitest';
import { KEY, startTestServer, type TestServer } from '../test-server.ts';
import { expectToolToTell } from './expect-tool-to-tell.ts';
import { crewAiIsAvailable } from './installed-packages.ts';
import { SDK_VERSIONS, STARTED_WITHIN_MS, startPythonSdk, type PythonSdk, type SdkVersion } from './python-sdk.ts';

/*
 * In a separate file, since CrewAI and its dependencies have almost a gigabyte and take most of a minute to install,
 * once.
 */
describe.skipIf(!crewAiIsAvailable)('Cheqpoint’s Python package in a crew of CrewAI', () => {
  let server: TestServer;
  let sdks = new Map<SdkVersion, PythonSdk>();
  beforeAll(async () => {
    server = await startTestServer('sqlite::memory:');
    sdks = new Map(
      await Promise.all(
        SDK_VERSIONS.map(
          async (version) => [version, await startPythonSdk(version, ['crewai'], server.url, KEY)] as const,
        ),
      ),
    );
  }, STARTED_WITHIN_MS);
  afterAll(async () => {
    await Promise.all([...sdks.values()].map((sdk) => sdk.stop()));
    await server.close();
  });

  it.each(SDK_VERSIONS)('%s → the model gets the decision', async (version) => {
    await expectToolToTell('crewai', server, sdks.get(version)!.call);
  });
});
