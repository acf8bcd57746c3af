import getPort, { portNumbers } from 'get-port';

export type DevPorts = { gateway: number; reviewServer: number; standIn: number; temporal: number; temporalUi: number };

/** The usual ports, or `base` and the four after it. A taken port is replaced by the next free one. Base 0: any free ports. */
export async function devPorts(base?: number): Promise<DevPorts> {
  const wanted =
    base === undefined
      ? [7341, 7342, 7343, 7233, 8233]
      : [0, 1, 2, 3, 4].map((offset) => (base === 0 ? 0 : base + offset));
  const ports: number[] = [];
  for (const port of wanted) {
    ports.push(
      await getPort({
        host: '127.0.0.1',
        exclude: ports,
        ...(port === 0 ? {} : { port: portNumbers(port, Math.min(port + 500, 65_535)) }),
      }),
    );
  }
  const [gateway, reviewServer, standIn, temporal, temporalUi] = ports as [number, number, number, number, number];
  return { gateway, reviewServer, standIn, temporal, temporalUi };
}
