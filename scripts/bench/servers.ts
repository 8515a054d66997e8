import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '../../src/platform/config.ts';
import { freePort } from '../../src/platform/free-port.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { startPrivateRedis } from '../../src/platform/private-redis.ts';
import { type RedisClient, whenRedisReady } from '../../src/platform/redis.ts';
import { PRISMA_DIR } from '../../src/run.ts';
import { createServices, type Services } from '../../src/services.ts';
import { startTestPostgres, TEMPLATE, withDatabase } from '../test-postgres.ts';
import type { Baseline } from './baseline.ts';
import { bindApart } from './cores.ts';
import type { LoadRequest, LoadResult } from './load.ts';
import { cpuMicrosOf, createProcesses, type Measured } from './processes.ts';
import type { SqlRequest } from './sql.ts';

/** Servers of the benchmark's own, on 127.0.0.1, with data that is thrown away. */
export interface Bench {
  dir: string;
  /** The modules themselves, in this process: to fill and to look. */
  services: Services;
  databaseUrl: string;
  redis: {
    url: string;
    port: number;
    password: string;
    pid: number;
    /** User and system time it has used so far, µs. */
    cpuMicros(): number;
  };
  /** Another API process, with these variables besides the common ones. */
  startApi(env?: Record<string, string>): Promise<Measured>;
  startWorker(): Promise<Measured>;
  startBaseline(baseline: Baseline): Promise<Measured>;
  load(request: LoadRequest): Promise<LoadResult>;
  /** `bindApart` of these servers and of the load generator, Redis and Postgres, as far as they are not among them. */
  apart(servers: readonly Pick<Measured, 'pid'>[]): (() => void) | undefined;
  /** The same SQL without Foyer around it. */
  sql(request: SqlRequest): Promise<LoadResult>;
  /** Ends what was started since, and empties Redis. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export const QUEUE_SECRET = 'a-queue-token-secret-of-the-benchmark';
export const SHOP_SECRET = 'a-customer-secret-of-the-benchmark-only';
export const ADMIN_KEY = 'an-admin-key-of-the-benchmark-and-no-other';
const REDIS_PASSWORD = 'bench';
const LOAD = 'scripts/bench/load.js';
const READY_PATIENCE_MS = 30_000;

export async function startBench(options: {
  say: (text: string) => void;
  profileDir?: string | undefined;
}): Promise<Bench> {
  const { say } = options;
  const dir = mkdtempSync(join(tmpdir(), 'foyer-bench-'));
  const stops: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of stops.splice(0).reverse()) await stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const postgres = await startTestPostgres({ dir, prismaDir: PRISMA_DIR, say });
    stops.push(() => postgres.stop());
    const redis = await startPrivateRedis({ dir: join(dir, 'redis'), password: REDIS_PASSWORD });
    stops.push(() => redis.stop());
    const env = environment(withDatabase(postgres.url, TEMPLATE), redis.url);
    const services = await startServices(env);
    stops.push(() => services.close());
    const processes = createProcesses(env, options.profileDir);
    stops.push(() => processes.stopAll());
    const redisPid = await processIdOf(services.redis);
    return {
      ...starters(processes),
      dir,
      services,
      databaseUrl: env.DATABASE_URL,
      redis: {
        url: redis.url,
        port: redis.port,
        password: REDIS_PASSWORD,
        pid: redisPid,
        cpuMicros: () => cpuMicrosOf(redisPid),
      },
      apart(servers) {
        const measured = new Set(servers.map(({ pid }) => pid));
        const others = [redisPid, processes.pidOf(LOAD)].filter((pid) => !measured.has(pid));
        return bindApart([...measured], others, postgres.pid);
      },
      async tidy() {
        await processes.stopAll();
        await services.redis.flushall('ASYNC');
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function environment(databaseUrl: string, redisUrl: string) {
  return {
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    QUEUE_TOKEN_SECRETS: `bench:${QUEUE_SECRET}`,
    ADMIN_API_KEY: ADMIN_KEY,
    CUSTOMER_AUTH: 'jwt',
    CUSTOMER_JWT_SECRET: SHOP_SECRET,
  };
}

async function startServices(env: ReturnType<typeof environment>): Promise<Services> {
  const config = readConfig(env);
  if (!config.redis) throw new Error('the benchmark needs a Redis');
  const services = createServices({
    config,
    databaseUrl: env.DATABASE_URL,
    redisTarget: config.redis,
    logger: createLogger({ level: 'warn' }),
    migrations: [],
  });
  await whenRedisReady(services.redis, READY_PATIENCE_MS);
  return services;
}

async function processIdOf(redis: RedisClient): Promise<number> {
  const [, pid] = /^process_id:(\d+)/m.exec(await redis.info('server')) ?? [];
  if (pid === undefined) throw new Error('Redis does not say which process it is');
  return Number(pid);
}

function starters(
  processes: ReturnType<typeof createProcesses>,
): Pick<Bench, 'startApi' | 'startWorker' | 'startBaseline' | 'load' | 'sql'> {
  return {
    async startApi(more = {}) {
      const port = await freePort();
      const api = processes.start('src/api.js', {
        env: { PORT: String(port), HOST: '127.0.0.1', ...more },
      });
      await untilReady(port);
      return { ...api, port };
    },
    startWorker: async () => processes.start('src/worker.js', {}),
    async startBaseline(baseline) {
      const server = processes.start('scripts/bench/baseline.js', {
        args: [JSON.stringify(baseline)],
      });
      return { ...server, port: Number(await server.heard()) };
    },
    load: (request) => processes.ask(LOAD, request),
    sql: (request) => processes.ask('scripts/bench/sql.js', request),
  };
}

async function untilReady(port: number): Promise<void> {
  const until = performance.now() + READY_PATIENCE_MS;
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (ready?.ok) return;
    if (performance.now() > until) throw new Error('the API did not become ready');
    await delay(50);
  }
}
