import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RequestHandler } from 'express';
import { z } from 'zod';

/** Where Vite has written, seen from the built server and from its sources. */
const DIRS = ['../../../web', '../../../dist/web'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const MANIFEST = 'manifest.json';
const TYPES: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};
export const ASSETS_PATH = '/assets/web/';
/** A hashed name never changes its content. */
const CACHE_FOR_EVER = 'public, max-age=31536000, immutable';

const manifest = z.record(z.string(), z.object({ script: z.string(), style: z.string() }));

interface Asset {
  type: string;
  etag: string;
  /** By content coding; `identity` as built. */
  bodies: { br: Buffer; gzip: Buffer; identity: Buffer };
}

/** The two files that a page loads. */
export interface Entry {
  script: string;
  style: string;
}

export interface WebAssets {
  /** Answers `/assets/web/…` from memory. */
  handler: RequestHandler;
  /** @param name as in scripts/build-pages.mjs */
  entry(name: string): Entry;
}

/** The built scripts and styles, with both compressed forms, held in memory: some hundred kB. */
export function loadWebAssets(): WebAssets {
  const dir = DIRS.find((one) => existsSync(join(one, MANIFEST)));
  if (!dir) throw new Error('the pages are not built: npm run build');
  const built = manifest.parse(JSON.parse(readFileSync(join(dir, MANIFEST), 'utf8')));
  const assets = new Map(
    readdirSync(dir)
      .filter((name) => TYPES[extension(name)])
      .map((name) => [name, readAsset(dir, name)]),
  );
  return {
    entry(name) {
      const found = built[name];
      if (!found) throw new Error(`the pages were built without ${name}`);
      return { script: ASSETS_PATH + found.script, style: ASSETS_PATH + found.style };
    },
    handler(request, response, next) {
      const asset = assets.get(request.path.replace(/^\//, ''));
      if (!asset || (request.method !== 'GET' && request.method !== 'HEAD')) return next();
      response.set({
        'Content-Type': asset.type,
        'Cache-Control': CACHE_FOR_EVER,
        ETag: asset.etag,
        Vary: 'Accept-Encoding',
        'X-Content-Type-Options': 'nosniff',
        'Cross-Origin-Resource-Policy': 'same-origin',
      });
      if (request.get('if-none-match') === asset.etag) return response.status(304).end();
      const coding = request.acceptsEncodings(['br', 'gzip']);
      if (coding === 'br' || coding === 'gzip') response.set('Content-Encoding', coding);
      return response.end(asset.bodies[coding === 'br' || coding === 'gzip' ? coding : 'identity']);
    },
  };
}

function readAsset(dir: string, name: string): Asset {
  const file = join(dir, name);
  const identity = readFileSync(file);
  const digest = createHash('sha256').update(identity).digest('base64url').slice(0, 22);
  return {
    type: TYPES[extension(name)] ?? '',
    etag: `W/"${digest}"`,
    bodies: { identity, br: readFileSync(`${file}.br`), gzip: readFileSync(`${file}.gz`) },
  };
}

function extension(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
