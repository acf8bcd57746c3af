#!/usr/bin/env node
// Plain JavaScript: this file must run on any Node, to say which version Holdpoint needs.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const recentEnough = (a, b) => a > 22 || (a === 22 && b >= 18);

const built = join(root, 'dist', 'cli.js');
const source = join(root, 'src', 'cli.ts');
// A checkout has both after a build. Its source takes precedence.
const fromSource = existsSync(source);
const flags = ['--disable-warning=ExperimentalWarning', ...(fromSource ? ['--conditions=holdpoint-source'] : [])];

if (!fromSource) keepCompiled();
if (recentEnough(major, minor) && !fromSource) {
  if (process.env.NODE_COMPILE_CACHE) module.enableCompileCache();
  whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));
  await import(pathToFileURL(built).href);
} else {
  const node = recentEnough(major, minor) ? process.execPath : nodePackage();
  if (node === undefined) {
    process.stderr.write(
      'Holdpoint needs Node 22.18 or newer; this is ' +
        process.version +
        '.\n' +
        'Install a newer one (https://nodejs.org), or add one to your project: npm install --save-dev node@24\n',
    );
    process.exit(1);
  }
  const args = [
    ...(recentEnough(major, minor) && !fromSource ? [] : flags),
    fromSource ? source : built,
    ...process.argv.slice(2),
  ];
  // With the IPC channel the child notices when this process is killed.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  whenNpmIsGone(() => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => (signal === null ? process.exit(code ?? 1) : process.kill(process.pid, signal)));
}

/** Node keeps the compiled code for the next command, in this user's cache. A user's own choice stays. */
function keepCompiled() {
  const { env } = process;
  if (env.NODE_COMPILE_CACHE !== undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined) return;
  const caches = process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache');
  const folder = join(env.XDG_CACHE_HOME || caches, 'holdpoint', 'compile-cache');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    env.NODE_COMPILE_CACHE = folder;
  } catch {
    // A home that can't be written: each command compiles again.
  }
}

/** npx and npm forward SIGTERM only to the shell between them and us. The shell ends, and this process would stay. */
function whenNpmIsGone(then) {
  const parent = process.ppid;
  if (process.env.npm_command === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, 500);
  timer.unref();
}

/** A recent Node from the `node` package of the project; undefined when there is none. */
function nodePackage() {
  const places = [root, process.cwd()].flatMap(
    (folder) => createRequire(join(folder, 'package.json')).resolve.paths('node') ?? [],
  );
  return places
    .map((folder) => join(folder, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node'))
    .find((program) => existsSync(program) && recentEnough(...versionOf(program)));
}

function versionOf(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return (/^v(\d+)\.(\d+)/.exec(stdout ?? '') ?? [0, 0, 0]).slice(1).map(Number);
}
