import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { noncePlaceholder } from './src/inbox/built-inbox.ts';

/** The review server that `npm start` starts. */
const reviewServer = 'http://127.0.0.1:7342';

/** Builds the inbox (`npm run build:inbox`) and serves its sources during development (`npm run inbox`). */
export default defineConfig({
  root: fileURLToPath(new URL('inbox', import.meta.url)),
  plugins: [react()],
  html: { cspNonce: noncePlaceholder },
  build: {
    outDir: fileURLToPath(new URL('dist/inbox', import.meta.url)),
    emptyOutDir: true,
    // The licences of the bundled packages and fonts require their texts.
    license: { fileName: 'third-party-licences.md' },
    // Inlined files become data: URLs, which the Content Security Policy refuses.
    assetsInlineLimit: 0,
    // The polyfill is an inline script, and only old browsers need it.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    // The review server accepts only requests from its own origin.
    proxy: { '/reviewer-api': { target: reviewServer, changeOrigin: true, headers: { origin: reviewServer } } },
  },
});
