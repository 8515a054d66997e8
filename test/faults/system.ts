import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { applyMigrations } from '../../src/platform/migrations.ts';
import { PRISMA_DIR } from '../../src/run.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';
import { createProxy, type FaultyProxy } from './proxy.ts';
import { type FragileServer, startPostgres, startRedis } from './servers.ts';

export const ADMIN_KEY = 'an-admin-key-that-only-the-fault-harness-knows';
const READY_TIMEOUT_MS = 60_000;

/** Two API processes and two workers on private servers, each behind proxies of its own. */
export interface System {
  apis: [NodeProcess, NodeProcess];
  workers: [NodeProcess, NodeProcess];
  postgres: FragileServer;
  redis: FragileServer;
  /** Between each process and each server. */
  proxies: { server: 'redis' | 'postgres'; process: string; proxy: FaultyProxy }[];
  folder: string;
  /** Holds short enough to run out by the hundred. */
  holdSeconds: number;
  stop(options: { keepLogs: boolean }): Promise<void>;
}

export async function startSystem(holdSeconds: number): Promise<System> {
  const folder = mkdtempSync(join(tmpdir(), 'foyer-faults-'));
  mkdirSync(join(folder, 'logs'));
  const [postgres, redis] = await Promise.all([startPostgres(folder), startRedis(folder)]);
  await applyMigrations({ databaseUrl: postgres.url, prismaDir: PRISMA_DIR });
  await seed(postgres.url);
  const proxies: System['proxies'] = [];

  async function through(server: 'redis' | 'postgres', process: string): Promise<string> {
    const target = server === 'redis' ? redis : postgres;
    const proxy = await createProxy(target.port);
    proxies.push({ server, process, proxy });
    const url = new URL(target.url);
    url.port = String(proxy.port);
    return url.href;
  }

  async function start(name: string, script: 'api' | 'worker'): Promise<NodeProcess> {
    const env = {
      DATABASE_URL: await through('postgres', name),
      REDIS_URL: await through('redis', name),
      HOLD_SECONDS: String(holdSeconds),
      SEATS_PER_CUSTOMER_MAX: '8',
      QUEUE_TOKEN_SECRETS: 'faults:a-queue-token-secret-for-the-fault-harness',
      ADMIN_API_KEY: ADMIN_KEY,
      CUSTOMER_AUTH: 'open',
      LOG_LEVEL: 'warn',
    };
    return startNodeProcess({ name, script, env, logFile: join(folder, 'logs', `${name}.log`) });
  }

  const apis: System['apis'] = [await start('api-1', 'api'), await start('api-2', 'api')];
  const workers: System['workers'] = [
    await start('worker-1', 'worker'),
    await start('worker-2', 'worker'),
  ];
  await Promise.all(apis.map((api) => untilReady(api.url)));
  return {
    apis,
    workers,
    postgres,
    redis,
    proxies,
    folder,
    holdSeconds,
    async stop({ keepLogs }) {
      await Promise.all([...apis, ...workers].map((one) => one.stop()));
      await Promise.all(proxies.map(({ proxy }) => proxy.close()));
      await Promise.all([postgres.stop(), redis.stop()]);
      if (!keepLogs) rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const ROOM = 'main';
export const RATED_ROOM = 'rated';
/** Of the room with a rate; it has a capacity beyond it. */
const RATE_PER_MINUTE = 30;
export const OPTIONS = [1, 2, 3];
export const SEATS = 2_000;
const PRICE = 100;
export const CUSTOMERS = 560;
const POINTS = 4_000;

/** Two rooms, one concert in each, customers with points. Places are lost soon, so that grace passes too. */
async function seed(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    INSERT INTO rooms (id, name, capacity, admit_per_minute, slot_seconds, claim_seconds, grace_seconds,
                       waiting_max, poll_budget_per_second)
    VALUES ('${ROOM}', 'Sale', 36, NULL, 8, 6, 12, 100000, 1000),
           ('${RATED_ROOM}', 'Rated', 50, ${RATE_PER_MINUTE}, 5, 6, 12, 100000, 1000);
    UPDATE rooms SET updated_at = clock_timestamp() - interval '1 minute';
    INSERT INTO concerts (id, name, artist, room_id, sale_begin_at, sale_end_at)
    VALUES (1, 'Sale', 'Somebody', '${ROOM}', now() - interval '1 day', now() + interval '1 day');
    INSERT INTO options (id, concert_id, name, perform_at, price, capacity_limit)
    SELECT n, 1, 'Night ' || n, now() + interval '30 days', ${PRICE}, ${SEATS} FROM unnest(ARRAY[${OPTIONS.join(', ')}]) AS n;
    INSERT INTO customers (id, name) SELECT n, 'Customer ' || n FROM generate_series(1, ${CUSTOMERS}) AS n;
    INSERT INTO accounts (id, customer_id, balance) SELECT n, n, ${POINTS} FROM generate_series(1, ${CUSTOMERS}) AS n;
    INSERT INTO transfers (kind, to_account_id, amount, balance_after, ref_type, ref_id)
    SELECT 'GRANT', n, ${POINTS}, ${POINTS}, 'faults', n::text FROM generate_series(1, ${CUSTOMERS}) AS n`);
  await client.end();
}

async function untilReady(url: string): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const reply = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (reply?.status === 200) return;
    if (Date.now() > until) throw new Error(`${url} does not become ready`);
    await delay(100);
  }
}
