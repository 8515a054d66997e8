import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { startGuarded } from '../../src/platform/guarded-process.ts';
import { findRedisServer } from '../../src/platform/private-redis.ts';
import { eventually } from './eventually.ts';

export const NODE_PASSWORD = 'a-password-of-test-nodes';

/** One process of several that make a Redis together. */
export interface RedisNode {
  port: number;
  /** To ask and arrange things; the application has its own connections. */
  client: Redis;
  /** To the server itself: SIGKILL, SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  close(): Promise<void>;
}

/** Replicas hold what the master wrote; a file would only slow them. */
const SETTINGS = [
  'bind 127.0.0.1',
  'save ""',
  'appendonly no',
  'maxmemory-policy noeviction',
  'repl-diskless-sync-delay 0',
  'repl-ping-replica-period 1',
];

/** @param sentinel a sentinel rather than a server of data; `settings` are all of its configuration then */
export async function startRedisNode(options: {
  dir: string;
  port: number;
  settings: string[];
  sentinel?: boolean;
}): Promise<RedisNode> {
  const { dir, port, settings, sentinel = false } = options;
  const binary = findRedisServer();
  if (!binary) throw new Error('there is no redis-server');
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'redis.conf');
  const own = sentinel
    ? ['bind 127.0.0.1']
    : [...SETTINGS, `requirepass ${NODE_PASSWORD}`, `masterauth ${NODE_PASSWORD}`];
  writeFileSync(file, [`port ${port}`, `dir ${dir}`, ...own, ...settings, ''].join('\n'));
  const server = startGuarded({
    command: [binary, file, ...(sentinel ? ['--sentinel'] : [])],
    stopSignal: 'TERM',
    logFile: `${dir}.log`,
  });
  const client = new Redis({
    port,
    host: '127.0.0.1',
    ...(sentinel ? {} : { password: NODE_PASSWORD }),
    retryStrategy: () => 100,
  });
  client.on('error', () => undefined);
  try {
    const pid = await eventually(
      async () => Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]),
      { timeoutMs: 30_000 },
    );
    let gone = false;
    void server.ended.then(() => {
      gone = true;
    });
    return {
      port,
      client,
      signal: (signal) => process.kill(pid, signal),
      async close() {
        client.disconnect();
        // Nothing of it is kept, and a stopped process hears nothing else.
        if (!gone) process.kill(pid, 'SIGKILL');
        await server.stop();
      },
    };
  } catch (error) {
    client.disconnect();
    await server.stop();
    throw error;
  }
}

/** A folder for one test's servers; the run removes it. */
export const serversDir = (name: string): string =>
  mkdtempSync(join(process.env['TEST_DIR'] ?? '/tmp', `${name}-`));

/** Ports that are free and differ from each other. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  );
  return ports;
}

/** Starts several at once; when one fails, none stays. */
export async function startAll(starts: Promise<RedisNode>[]): Promise<RedisNode[]> {
  const started = await Promise.allSettled(starts);
  const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find((one) => one.status === 'rejected');
  if (!failed) return nodes;
  await Promise.all(nodes.map((node) => node.close()));
  throw failed.reason;
}
