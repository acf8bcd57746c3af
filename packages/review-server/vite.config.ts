import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { NONCE_PLACEHOLDER } from './src/inbox/built-inbox.ts';

/** The review server that `npm start` starts. */
const REVIEW_SERVER = 'http://127.0.0.1:7342';

/** Builds the inbox (`npm run build:inbox`), and serves its sources while somebody works on it (`npm run inbox`). */
export default defineConfig({
  root: fileURLToPath(new URL('inbox', import.meta.url)),
  plugins: [react()],
  html: { cspNonce: NONCE_PLACEHOLDER },
  build: {
    outDir: fileURLToPath(new URL('dist/inbox', import.meta.url)),
    emptyOutDir: true,
    // The bundle holds React, React Aria and fonts, whose licences ask for their texts.
    license: { fileName: 'third-party-licences.md' },
    // An inlined file would be a data: address, which the Content Security Policy refuses.
    assetsInlineLimit: 0,
    // Only old browsers need it, and it is a script in the page.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
  },
  server: {
    host: '127.0.0.1',
    // The review server answers only pages of its own origin.
    proxy: { '/reviewer-api': { target: REVIEW_SERVER, changeOrigin: true, headers: { origin: REVIEW_SERVER } } },
  },
});
