import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { devPorts } from '../../src/embedded/dev-ports.ts';

it('port of --port-base in use → refused with the port and its part', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await expect(devPorts(port)).rejects.toThrow(
      // Another program may have one of the next four.
      new RegExp(
        `^--port-base ${port} takes the ports ${port} to ${port + 4}, and (one is|some are) in use: ${port} \\(gateway\\).* Choose another base`,
      ),
    );
  } finally {
    server.close();
  }
});
