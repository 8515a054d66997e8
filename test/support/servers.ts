import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { TEMPLATE, withDatabase } from '../../scripts/test-postgres.ts';
import { startPrivateRedis } from '../../src/platform/private-redis.ts';

/** Set by scripts/test.mjs: the run's own Postgres and its temporary folder. */
function fromRun(name: 'TEST_POSTGRES_URL' | 'TEST_DIR'): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run tests with npm test`);
  return value;
}

/** A migrated, empty database of this test file's own. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = fromRun('TEST_POSTGRES_URL');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await maintain(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return {
    url: withDatabase(server, name),
    drop: () => maintain(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** Cloning needs the template to itself for a moment: another test file may be cloning right now. */
async function maintain(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export interface TestRedis {
  url: string;
  /** Keeps a copy of its files as they are now: what a replica that lags behind would have. */
  remember(): void;
  /**
   * Stops it, keeping its data unless `forget`, as when its machine is lost; with `rewind` it falls back to
   * what was remembered, as when a replica that lagged takes over.
   */
  stop(options?: { forget?: boolean; rewind?: boolean }): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Every write is in the file before its reply, as `remember` expects; a slow disk holds up Redis' default. */
const WRITTEN_AT_ONCE = ['appendfsync no'];

/** A Redis of this test file's own, with AOF as in production. */
export async function startTestRedis(more: string[] = []): Promise<TestRedis> {
  const settings = [...WRITTEN_AT_ONCE, ...more];
  const base = mkdtempSync(join(fromRun('TEST_DIR'), 'redis-'));
  const dir = join(base, 'data');
  let running = await startPrivateRedis({ dir, password: 'test', settings });
  const { url, port } = running;
  return {
    url,
    remember: () => cpSync(dir, join(base, 'remembered'), { recursive: true }),
    async stop({ forget = false, rewind = false } = {}) {
      await running.stop();
      if (forget || rewind) rmSync(dir, { recursive: true, force: true });
      if (rewind) cpSync(join(base, 'remembered'), dir, { recursive: true });
    },
    async start() {
      running = await startPrivateRedis({ dir, password: 'test', port, settings });
    },
    async close() {
      await running.stop();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
