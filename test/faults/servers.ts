import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { errorCode } from '../../src/platform/errors.ts';
import { freePort } from '../../src/platform/free-port.ts';
import { type PrivatePostgres, startPrivatePostgres } from '../../src/platform/private-postgres.ts';
import { type PrivateRedis, startPrivateRedis } from '../../src/platform/private-redis.ts';

const PASSWORD = 'only-for-the-fault-harness';
/** The shared memory of a killed Postgres is free once its last child has noticed. */
const START_TRIES_MAX = 50;
const START_AGAIN_MS = 100;

/** A server that can be killed like one whose machine lost power, and comes back on the same port. */
export interface FragileServer {
  url: string;
  port: number;
  /** kill -9, and back again; `forget`: without its data. */
  restart(options?: { forget?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

export async function startPostgres(folder: string): Promise<FragileServer> {
  const dir = join(folder, 'postgres');
  const port = await freePort();
  const start = (): Promise<PrivatePostgres> =>
    startPrivatePostgres({
      dir,
      port,
      password: PASSWORD,
      // A killed process loses nothing that it has written: only a machine would.
      settings: ['fsync=off', 'max_connections=200'],
      say: () => undefined,
    });
  let running = await start();
  return {
    url: running.url,
    port,
    async restart() {
      const [pid] = readFileSync(join(dir, 'postmaster.pid'), 'utf8').split('\n', 1);
      kill(Number(pid));
      await running.process.ended;
      running = await again(start);
    },
    stop: () => running.stop(),
  };
}

export async function startRedis(folder: string): Promise<FragileServer> {
  const dir = join(folder, 'redis');
  const port = await freePort();
  const start = (): Promise<PrivateRedis> => startPrivateRedis({ dir, port, password: PASSWORD });
  let running = await start();
  const { url } = running;
  return {
    url,
    port,
    async restart({ forget = false } = {}) {
      kill(await redisPid(url));
      await running.process.ended;
      if (forget) rmSync(dir, { recursive: true, force: true });
      running = await again(start);
    },
    stop: () => running.stop(),
  };
}

async function redisPid(url: string): Promise<number> {
  const client = new Redis(url, { maxRetriesPerRequest: 3 });
  client.on('error', () => undefined);
  try {
    return Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
  } finally {
    client.disconnect();
  }
}

async function again<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start();
    } catch (error) {
      if (tries >= START_TRIES_MAX) throw error;
      await delay(START_AGAIN_MS);
    }
  }
}

function kill(pid: number): void {
  if (!(pid > 1)) throw new Error(`no process to kill: ${pid}`);
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
