// How the console is built: hashed files, one chunk a screen, nothing inlined, so that `default-src 'self'` holds.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const node = process.env.TAMON_URL ?? 'http://127.0.0.1:8443';

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: { proxy: { '/api': { target: node, secure: false } } },
  test: { include: ['test/**/*.test.{ts,tsx}'], environment: 'node' },
});
