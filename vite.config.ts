import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const OUT_DIR = 'dist/web';

/** Compresses once, at build time, as hard as it goes: the server only hands files out. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    closeBundle() {
      for (const name of readdirSync(OUT_DIR)) {
        if (!/\.(js|css)$/.test(name)) continue;
        const file = join(OUT_DIR, name);
        const bytes = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
      }
    },
  };
}

/** The pages' scripts and styles; their HTML is written by the API (`src/http/web`). */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  base: '/assets/web/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [precompressed()],
  build: {
    outDir: OUT_DIR,
    emptyOutDir: true,
    assetsDir: '',
    // Small files stay files: a data: address would need a wider policy.
    assetsInlineLimit: 0,
    manifest: 'manifest.json',
    // The HTML names what an entry needs, so no script has to preload.
    modulePreload: false,
    target: 'es2022',
    rollupOptions: {
      input: {
        room: 'src/web/waiting-room/main.tsx',
        shop: 'src/web/shop/main.tsx',
        admin: 'src/web/admin/main.tsx',
      },
    },
  },
});
