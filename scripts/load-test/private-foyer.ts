import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/free-port.ts';
import { type GuardedProcess, startGuarded } from '../../src/platform/guarded-process.ts';
import { startPrivatePostgres } from '../../src/platform/private-postgres.ts';
import { startPrivateRedis } from '../../src/platform/private-redis.ts';

/** A process whose figures the report shows. */
export interface Watched {
  name: string;
  /** The process itself, or the guard above it. */
  pid: number;
}

/** A Foyer of the run's own: API processes, a worker, Postgres and Redis, each a process. */
export interface PrivateFoyer {
  urls: string[];
  databaseUrl: string;
  redisUrl: string;
  adminKey: string;
  processes: Watched[];
  /** Resolves with a sentence when one of them ended without being asked to. */
  failed: Promise<string>;
  /** Stops them all and removes their data. */
  stop(): Promise<void>;
}

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const READY_TIMEOUT_MS = 60_000;
/** Real writes, as in production; only the room for connections is ours. */
const POSTGRES_SETTINGS = ['max_connections=200'];

export async function startPrivateFoyer(options: {
  api: number;
  holdSeconds: number;
  say: (text: string) => void;
}): Promise<PrivateFoyer> {
  const { say } = options;
  const dir = mkdtempSync(join(tmpdir(), 'foyer-load-'));
  const stops: (() => Promise<void>)[] = [];
  const processes: Watched[] = [];
  const failures: Promise<string>[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.reverse()) await one();
    rmSync(dir, { recursive: true, force: true });
  };
  const keep = (name: string, started: GuardedProcess, stopIt: () => Promise<void>): void => {
    stops.push(stopIt);
    processes.push({ name, pid: started.pid });
    failures.push(started.ended);
  };

  try {
    say('starting a private Postgres and Redis');
    const password = randomBytes(16).toString('hex');
    const [postgres, redis] = await Promise.all([
      startPrivatePostgres({
        dir: join(dir, 'postgres'),
        password,
        settings: POSTGRES_SETTINGS,
        say: () => undefined,
      }),
      startPrivateRedis({ dir: join(dir, 'redis'), password }),
    ]);
    keep('postgres', postgres.process, postgres.stop);
    keep('redis', redis.process, redis.stop);
    const adminKey = randomBytes(24).toString('hex');
    const env = {
      ...process.env,
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      REDIS_CLUSTER: '',
      REDIS_SENTINELS: '',
      QUEUE_TOKEN_SECRETS: `load:${randomBytes(24).toString('hex')}`,
      ADMIN_API_KEYS: '',
      ADMIN_API_KEY: adminKey,
      CUSTOMER_AUTH: 'open',
      CUSTOMER_JWT_SECRET: '',
      CUSTOMER_JWKS_URL: '',
      HOLD_SECONDS: String(options.holdSeconds),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
    };
    await promisify(execFile)(process.execPath, [join(DIST, 'scripts', 'migrate.js')], { env });
    say(`starting ${options.api} API and 1 worker`);
    const ports = await Promise.all(Array.from({ length: options.api }, () => freePort()));
    mkdirSync(join(dir, 'logs'));
    for (const [nth, port] of [...ports, undefined].entries()) {
      const name = port === undefined ? 'worker' : `api ${nth + 1}`;
      const script = port === undefined ? 'worker.js' : 'api.js';
      const started = startGuarded({
        command: [process.execPath, join(DIST, 'src', script)],
        stopSignal: 'TERM',
        logFile: join(dir, 'logs', `${name}.log`),
        env: { ...env, PORT: String(port ?? 0) },
      });
      keep(name, started, () => started.stop());
    }
    const failed = Promise.race(failures);
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    await Promise.all(urls.map((url) => untilReady(url, failed)));
    return {
      urls,
      databaseUrl: postgres.url,
      redisUrl: redis.url,
      adminKey,
      processes,
      failed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilReady(url: string, failed: Promise<string>): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const asked = fetch(`${url}/health/ready`).then((reply) => reply.ok);
    const ready = await Promise.race([asked.catch(() => false), failed]);
    if (ready === true) return;
    if (typeof ready === 'string') throw new Error(`The private Foyer did not start: ${ready}`);
    if (Date.now() > until) throw new Error(`${url} is not ready after a minute.`);
    await delay(100);
  }
}
