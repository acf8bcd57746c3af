import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A registry on this machine. */
export type PackageRegistry = { url: string; close(): void };

/**
 * Starts an npm registry that has the packages of these tarballs. It redirects requests for other packages to the
 * registry of npm's own settings.
 */
export async function startPackageRegistry(tarballs: readonly string[]): Promise<PackageRegistry> {
  const upstream = (await run('npm', ['config', 'get', 'registry'])).stdout.trim();
  const packages = new Map<string, { version: string; manifest: object; tarball: Buffer; file: string }>();
  for (const path of tarballs) {
    const { stdout } = await run('tar', ['-xzOf', path, 'package/package.json']);
    const manifest = JSON.parse(stdout) as { name: string; version: string };
    packages.set(manifest.name, {
      version: manifest.version,
      manifest,
      tarball: readFileSync(path),
      file: basename(path),
    });
  }
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    const found = packages.get(path.split('/-/')[0] as string);
    if (found === undefined) {
      response.writeHead(302, { location: new URL(path, upstream).href }).end();
    } else if (path.includes('/-/')) {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(found.tarball);
    } else {
      const { version, manifest, tarball, file } = found;
      const dist = {
        tarball: `${url()}${path}/-/${file}`,
        integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          name: path,
          'dist-tags': { latest: version },
          versions: { [version]: { ...manifest, dist } },
        }),
      );
    }
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: url(),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
