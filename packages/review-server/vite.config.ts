import react from '@vitejs/plugin-react';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig, type Plugin } from 'vite';
import { noncePlaceholder } from './src/inbox/built-inbox.ts';

/** Libraries of the list, without the parts of them that only lazy parts of the page use. */
const librariesOfList =
  /node_modules\/(react|react-dom|scheduler|zustand|use-sync-external-store|@tanstack\/[\w-]+)\/(?!.*(queriesObserver|mutationObserver|useQueries|useMutation))/;

/** The review server that `npm start` starts. */
const reviewServer = 'http://127.0.0.1:7342';

/** Builds the inbox (`npm run build:inbox`) and serves its sources during development (`npm run inbox`). */
export default defineConfig({
  root: inInbox('.'),
  plugins: [react(), versionedWorker(), preloadedList()],
  // The client is built for its package only.
  resolve: {
    conditions: ['holdpoint-source', ...defaultClientConditions],
    // React has the hook itself.
    alias: [{ find: /^use-sync-external-store\/shim$/, replacement: 'react' }],
  },
  html: { cspNonce: noncePlaceholder },
  build: {
    outDir: fileURLToPath(new URL('dist/inbox', import.meta.url)),
    emptyOutDir: true,
    // The licences of the bundled packages and fonts require their texts.
    license: { fileName: 'third-party-licences.md' },
    // Inlined files become data: URLs, which the Content Security Policy refuses.
    assetsInlineLimit: 0,
    // `preloadedList` preloads what the list needs. The code that preloads each lazy part would be 1.6 kB of the list.
    modulePreload: false,
    // The test of the list's size reads it.
    manifest: 'manifest.json',
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        index: inInbox('index.html'),
        'service-worker': inInbox('offline/service-worker.ts'),
      },
      output: {
        // A worker's address stays, and its folder is what it may serve.
        entryFileNames: ({ name }) => (name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js'),
        // One file for the list's libraries: a dozen small ones are 2 kB more, compressed.
        codeSplitting: { groups: [{ name: 'libraries', test: librariesOfList }] },
      },
    },
  },
  server: {
    host: '127.0.0.1',
    // The review server accepts only requests from its own origin.
    proxy: { '/reviewer-api': { target: reviewServer, changeOrigin: true, headers: { origin: reviewServer } } },
  },
});

/** Adds the files that the page's script imports, so that the browser loads them side by side. */
function preloadedList(): Plugin {
  return {
    name: 'preloaded-list',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { chunk, bundle }) => {
        const files = new Set<string>();
        const add = (names: readonly string[]) => {
          for (const name of names) {
            const imported = bundle?.[name];
            if (files.has(name) || imported?.type !== 'chunk') continue;
            files.add(name);
            add(imported.imports);
          }
        };
        add(chunk?.imports ?? []);
        return [...files].map((name) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}`, nonce: noncePlaceholder },
          injectTo: 'head',
        }));
      },
    },
  };
}

function inInbox(path: string): string {
  return fileURLToPath(new URL(`inbox/${path}`, import.meta.url));
}

/** Puts a digest of all files into the service worker, so that browsers see a new worker after each change. */
function versionedWorker(): Plugin {
  return {
    name: 'versioned-worker',
    apply: 'build',
    generateBundle(_options, bundle) {
      const worker = bundle['service-worker.js'];
      if (worker?.type !== 'chunk') throw new Error('The build has no service worker.');
      const digest = createHash('sha256');
      for (const name of Object.keys(bundle).toSorted()) digest.update(`${name}\n`);
      worker.code = worker.code.replace('__inbox_version__', digest.update(worker.code).digest('hex').slice(0, 16));
    },
  };
}
