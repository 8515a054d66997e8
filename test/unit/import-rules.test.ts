import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

interface SourceFile {
  path: string;
  text: string;
  /** Files of `src` it imports, and packages. */
  files: string[];
  packages: string[];
}

const SRC = 'src';
const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

const sources: SourceFile[] = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path) && !path.startsWith('generated'))
  .map((path) => {
    const text = readFileSync(join(SRC, path), 'utf8');
    const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? '');
    return {
      path,
      text,
      files: imports
        .filter((one) => one.startsWith('.'))
        .map((one) => normalize(join(dirname(path), one))),
      packages: imports.filter((one) => !one.startsWith('.')),
    };
  });

const moduleOf = (path: string): string => (path.includes('/') ? (path.split('/')[0] ?? '') : '');

/** Which modules each module may import, besides itself and generated code. */
const MAY_IMPORT: Record<string, string[]> = {
  platform: [],
  catalog: ['platform'],
  'waiting-room': ['platform'],
  seats: ['platform'],
  payments: ['platform'],
  reservations: ['platform', 'catalog', 'waiting-room', 'seats', 'payments'],
};

describe('import rules', () => {
  it.each(Object.entries(MAY_IMPORT))('%s imports only what stands below it', (name, allowed) => {
    const wrong = sources
      .filter((source) => moduleOf(source.path) === name)
      .flatMap((source) =>
        source.files
          .filter((file) => ![name, 'generated', ...allowed].includes(moduleOf(file)))
          .map((file) => `${source.path} imports ${file}`),
      );
    expect(wrong).toEqual([]);
  });

  it('http and workers do not import each other, and nothing imports them but the processes', () => {
    const entries = new Set(['run.ts', 'main.ts', 'api.ts', 'worker.ts']);
    const wrong = sources.flatMap((source) =>
      source.files
        .filter((file) => {
          const target = moduleOf(file);
          return ['http', 'workers', 'web'].includes(target) && moduleOf(source.path) !== target;
        })
        .filter(() => !entries.has(source.path))
        .map((file) => `${source.path} imports ${file}`),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['bullmq', (path: string) => moduleOf(path) === 'workers'],
    ['ioredis', (path: string) => moduleOf(path) === 'platform'],
    ['express', (path: string) => moduleOf(path) === 'http'],
    ['pg', (path: string) => moduleOf(path) === 'platform'],
    ['@prisma/adapter-pg', (path: string) => moduleOf(path) === 'platform'],
  ])('%s is imported only where it belongs', (name, belongs) => {
    const wrong = sources
      .filter((source) => source.packages.includes(name) && !belongs(source.path))
      .map((source) => source.path);
    expect(wrong).toEqual([]);
  });

  it('http and workers reach Postgres through modules, not through Prisma', () => {
    const wrong = sources
      .filter((source) => ['http', 'workers'].includes(moduleOf(source.path)))
      .filter((source) => /services\.db|services\.redis|generated\/prisma/.test(source.text))
      .map((source) => source.path);
    expect(wrong).toEqual([]);
  });

  it('the environment is read by the processes, which hand it to config.ts', () => {
    const entries = ['main.ts', 'api.ts', 'worker.ts'];
    const readers = sources.filter((source) => source.text.includes('process.env'));
    expect(readers.map((source) => source.path).filter((path) => !entries.includes(path))).toEqual(
      [],
    );
    for (const { text } of readers) {
      expect(text.match(/process\.env/g)).toHaveLength(
        text.match(/readConfig\(process\.env/g)?.length ?? 0,
      );
    }
  });

  it('only keys.ts files spell Redis keys', () => {
    const wrong = sources
      .filter((source) => !source.path.endsWith('/keys.ts') && /[`'"](wr|seat):/.test(source.text))
      .map((source) => source.path);
    expect(wrong).toEqual([]);
  });

  it('only transitions.ts writes the status of a reservation', () => {
    const writes =
      /UPDATE\s+reservations|INSERT\s+INTO\s+reservations|reservation\.(update|create)/i;
    const writers = sources.filter((source) => writes.test(source.text)).map((one) => one.path);
    expect(writers).toEqual(['reservations/transitions.ts']);
  });

  it('has no cycle', () => {
    const graph = new Map(sources.map((source) => [source.path, source.files]));
    const done = new Set<string>();
    const visit = (path: string, trail: string[]): string[] | undefined => {
      if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
      if (done.has(path)) return undefined;
      for (const next of graph.get(path) ?? []) {
        const cycle = visit(next, [...trail, path]);
        if (cycle) return cycle;
      }
      done.add(path);
      return undefined;
    };
    // Types may point both ways; values may not.
    for (const source of sources) {
      graph.set(
        source.path,
        [...source.text.matchAll(/import (?!type)[^;]*?from '(\.[^']+)'/g)].map((match) =>
          normalize(join(dirname(source.path), match[1] ?? '')),
        ),
      );
    }
    for (const path of graph.keys()) expect(visit(path, [])).toBeUndefined();
  });
});
