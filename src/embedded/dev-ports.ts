import getPort, { portNumbers } from 'get-port';
import { ConfigError } from '../config/config-error.ts';
import { freePort } from './free-port.ts';

export type DevPorts = { gateway: number; reviewServer: number; standIn: number; temporal: number; temporalUi: number };

const names = ['gateway', 'review server', 'stand-in', 'Temporal', "Temporal's UI"];

/**
 * The usual ports, a taken one replaced by the next free one. With `base`: this port and the four after it. Base 0: any
 * free ports.
 * @throws ConfigError when a port of `base` is taken.
 */
export async function devPorts(base?: number): Promise<DevPorts> {
  const wanted =
    base === undefined
      ? [7341, 7342, 7343, 7233, 8233]
      : [0, 1, 2, 3, 4].map((offset) => (base === 0 ? 0 : base + offset));
  const ports: number[] = [];
  for (const port of wanted) {
    ports.push(
      port === 0
        ? await freePort(ports)
        : await getPort({
            host: '127.0.0.1',
            exclude: ports,
            port: base ? port : portNumbers(port, Math.min(port + 500, 65_535)),
          }),
    );
  }
  const taken = base
    ? wanted.flatMap((port, index) => (ports[index] === port ? [] : [`${port} (${names[index]})`]))
    : [];
  if (base && taken.length > 0)
    throw new ConfigError([
      `--port-base ${base} takes the ports ${base} to ${base + 4}, and ${taken.length === 1 ? 'one is' : 'some are'} in use: ${taken.join(', ')}. Choose another base, or end the other program.`,
    ]);
  const [gateway, reviewServer, standIn, temporal, temporalUi] = ports as [number, number, number, number, number];
  return { gateway, reviewServer, standIn, temporal, temporalUi };
}
