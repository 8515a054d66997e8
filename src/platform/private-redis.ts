import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';
import { untilEnded } from './live-process.ts';

/** A Redis of our own, on a free port of 127.0.0.1. */
export interface PrivateRedis {
  url: string;
  port: number;
  process: GuardedProcess;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;
const PING_TIMEOUT_MS = 2_000;

/**
 * Starts redis-server or valkey-server from the PATH: data in an append-only file, nothing ever evicted.
 *
 * @param port a free one when not given
 * @param settings further lines of its configuration
 * @throws Error with one sentence that says what is missing
 */
export async function startPrivateRedis(options: {
  dir: string;
  password: string;
  port?: number;
  settings?: string[];
}): Promise<PrivateRedis> {
  const { dir, password } = options;
  const binary = findRedisServer();
  if (!binary) {
    throw new Error(
      'There is neither redis-server nor valkey-server: install one (Debian: apt-get install redis-server) or set REDIS_URL.',
    );
  }
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pidFile = join(dir, 'redis.pid');
  await untilEnded(pidFile, ['redis-server', 'valkey-server']);
  const port = options.port ?? (await freePort());
  const configFile = join(dir, 'redis.conf');
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${JSON.stringify(dir)}`,
    `pidfile ${JSON.stringify(pidFile)}`,
    `requirepass ${password}`,
    'appendonly yes',
    'appendfsync everysec',
    'save ""',
    'maxmemory-policy noeviction',
    ...(options.settings ?? []),
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const server = startGuarded({
    command: [binary, configFile],
    stopSignal: 'TERM',
    logFile: `${dir}.log`,
  });
  const url = `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  try {
    await untilReady(url, server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, port, process: server, stop: () => server.stop() };
}

/** The server's binary on the PATH, if there is one. */
export function findRedisServer(): string | undefined {
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'command -v redis-server || command -v valkey-server'],
    {
      encoding: 'utf8',
    },
  );
  return stdout.trim() || undefined;
}

async function untilReady(url: string, server: GuardedProcess): Promise<void> {
  const until = performance.now() + READY_TIMEOUT_MS;
  const client = new Redis(url, {
    lazyConnect: true,
    commandTimeout: PING_TIMEOUT_MS,
    retryStrategy: () => 50,
  });
  client.on('error', () => undefined);
  try {
    for (;;) {
      const pong = client.ping().catch(() => '');
      const word = await Promise.race([pong, server.ended]);
      if (word === 'PONG') return;
      if (word !== '') throw new Error(`Redis did not start: ${word}`);
      if (performance.now() > until)
        throw new Error('Redis did not answer; its log is beside its data.');
      await delay(20);
    }
  } finally {
    client.disconnect();
  }
}
