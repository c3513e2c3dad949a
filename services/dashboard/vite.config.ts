import { env } from 'node:process';
import { defineConfig, type ProxyOptions } from 'vite';

/** Where the API listens while the dashboard is being worked on. */
const target = env.SCONCE_API ?? 'http://127.0.0.1:3000';

/** The Host header stays the browser's: the API compares it with Origin to refuse cross-site requests. */
const api: ProxyOptions = { target, changeOrigin: false };
const proxy = { '/api': api, '/auth': api };

export default defineConfig({
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2022',
    // The Content-Security-Policy allows files of our own and nothing written inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
