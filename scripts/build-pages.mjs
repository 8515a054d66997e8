// Builds the pages' scripts and styles from src/web into dist/web with Vite: one script and one stylesheet a
// page, named by their content. A person opens one page, so sharing files between pages would only add requests.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';
import { ROOT } from './setup.mjs';

const OUT_DIR = join(ROOT, 'dist', 'web');
/** The waiting room has one for each language: its first load is counted in bytes. */
const ENTRIES = {
  'room-ko': 'src/web/waiting-room/main-ko.ts',
  'room-en': 'src/web/waiting-room/main-en.ts',
  shop: 'src/web/shop/main.tsx',
  admin: 'src/web/admin/main.tsx',
  start: 'src/web/start/main.ts',
};

rmSync(OUT_DIR, { recursive: true, force: true });
const manifest = {};
for (const [name, source] of Object.entries(ENTRIES)) {
  const { output } = await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    base: '/assets/web/',
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: OUT_DIR,
      emptyOutDir: false,
      assetsDir: '',
      // Small files stay files: a data: address would need a wider policy.
      assetsInlineLimit: 0,
      modulePreload: false,
      cssCodeSplit: false,
      target: 'es2022',
      rollupOptions: {
        input: { [name]: join(ROOT, source) },
        output: { entryFileNames: '[name]-[hash].js', assetFileNames: `${name}-[hash][extname]` },
      },
    },
  });
  const files = output.map((file) => file.fileName);
  manifest[name] = {
    script: files.find((file) => file.endsWith('.js')),
    style: files.find((file) => file.endsWith('.css')),
  };
}
writeFileSync(join(OUT_DIR, 'manifest.json'), JSON.stringify(manifest));

// Compressed once, as hard as it goes: the server only hands files out.
for (const name of readdirSync(OUT_DIR).filter((one) => /\.(js|css)$/.test(one))) {
  const file = join(OUT_DIR, name);
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}
