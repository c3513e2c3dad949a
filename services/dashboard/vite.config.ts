import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env } from 'node:process';
import { constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin, type ProxyOptions } from 'vite';

/** Where the API listens while the dashboard is being worked on. */
const target = env.SCONCE_API ?? 'http://127.0.0.1:3000';

/** The Host header stays the browser's: the API compares it with Origin to refuse cross-site requests. */
const api: ProxyOptions = { target, changeOrigin: false };
const proxy = { '/api': api, '/auth': api };

/** Lays a compressed copy beside each file of text, which nginx serves as it is (gzip_static). */
function compressOnce(): Plugin {
  let dist = '';
  return {
    name: 'compress-once',
    apply: 'build',
    configResolved: ({ build }) => { dist = build.outDir; },
    closeBundle() {
      for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(html|css|js|svg|webmanifest|txt)$/.test(file)) continue;
        const text = readFileSync(join(dist, file));
        const compressed = gzipSync(text, { level: constants.Z_BEST_COMPRESSION });
        if (compressed.length < text.length) writeFileSync(join(dist, `${file}.gz`), compressed);
      }
    },
  };
}

export default defineConfig({
  plugins: [compressOnce()],
  server: { proxy },
  preview: { proxy },
  build: {
    target: 'es2022',
    // The Content-Security-Policy allows files of our own and nothing written inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
