import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const limits = { connectMs: 5000, silenceMs: 30_000 };

/** Temporal's own download page. */
export const temporalDownload = 'https://temporal.download';

/**
 * Fetches the Temporal CLI from Temporal's download page into `folder` and returns the path of the program.
 * @throws Error when the page does not answer within 5 seconds, the download stalls for 30, or it is not an archive.
 */
export async function downloadTemporal(
  folder: string,
  log: (line: string) => void,
  from: string = temporalDownload,
): Promise<string> {
  const archive = join(folder, 'temporal.tar.gz');
  const url = new URL(`/cli/archive/latest?platform=${platform()}&arch=${architecture()}`, from);
  await save(url, archive, log);
  await run('tar', ['-xzf', archive, '-C', folder, 'temporal']);
  return join(folder, 'temporal');
}

function platform(): string {
  if (process.platform === 'linux' || process.platform === 'darwin') return process.platform;
  throw new Error(`there is none for ${process.platform} that Holdpoint can use`);
}

function architecture(): string {
  if (process.arch === 'x64') return 'amd64';
  if (process.arch === 'arm64') return 'arm64';
  throw new Error(`there is none for ${process.arch} processors`);
}

async function save(url: URL, file: string, log: (line: string) => void): Promise<void> {
  const abort = new AbortController();
  let timer = setTimeout(
    () => abort.abort(new Error(`no answer within ${limits.connectMs / 1000} s`)),
    limits.connectMs,
  );
  try {
    const response = await fetch(url, { signal: abort.signal }).catch((error: unknown) => {
      throw new Error(reason(error), { cause: error });
    });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const total = Number(response.headers.get('content-length') ?? 0);
    let received = 0;
    let logged = 0;
    const watched = Readable.fromWeb(response.body).on('data', (chunk: Buffer) => {
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(new Error(`no data for ${limits.silenceMs / 1000} s`)), limits.silenceMs);
      received += chunk.length;
      if (received - logged < 10_000_000) return;
      logged = received;
      log(`  ${megabytes(received)}${total > 0 ? ` of ${megabytes(total)}` : ''} MB`);
    });
    await pipeline(watched, createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 1_000_000);

// `fetch` puts the reason into the cause of "fetch failed".
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
