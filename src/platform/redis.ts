import { Cluster, Redis, type RedisOptions, ReplyError } from 'ioredis';
import type { RedisTarget } from './config.ts';
import { AppError, isError } from './errors.ts';
import type { Logger } from './logger.ts';

export type RedisClient = Redis | Cluster;

/** A command that got no answer for this long has failed; the caller answers UNAVAILABLE. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_DELAY_MAX_MS = 500;

/**
 * Opens a client that fails fast: while Redis is away, commands are refused at once instead of queued, so
 * that the gate fails closed, and the client reconnects by itself. Commands of one event-loop turn travel
 * together (auto-pipelining).
 *
 * @returns a client that is still connecting; await `whenRedisReady` before the first command.
 */
export function createRedis(target: RedisTarget, logger: Logger): RedisClient {
  const client = connect(target, {
    perConnection: {
      autoResendUnfulfilledCommands: false,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      enableAutoPipelining: true,
      maxRetriesPerRequest: 0,
    },
    enableOfflineQueue: false,
  });
  let away = false;
  client.on('error', (error: unknown) => {
    if (!away) logger.warn({ error }, 'redis is away');
    away = true;
  });
  client.on('ready', () => {
    if (away) logger.info('redis is back');
    away = false;
  });
  return client;
}

/** Resolves when the client can take commands; rejects with UNAVAILABLE after `timeoutMs`. */
export async function whenRedisReady(client: RedisClient, timeoutMs: number): Promise<void> {
  if (client.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const onReady = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      client.off('ready', onReady);
      reject(new AppError('UNAVAILABLE', { retryAfterSeconds: 1 }));
    }, timeoutMs);
    client.once('ready', onReady);
  });
}

/**
 * Turns what a command threw into UNAVAILABLE when it says that Redis is away or cannot write now, and
 * leaves every other error as it is.
 */
export function asRedisError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const transport = isError(error) && !(error instanceof ReplyError);
  if (transport || AWAY_REPLIES.has(replyCode(error))) {
    return new AppError('UNAVAILABLE', { retryAfterSeconds: 1, cause: error });
  }
  return error;
}

/** Error codes of Redis' protocol (first word of an error reply) that pass by themselves. */
const AWAY_REPLIES = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'UNBLOCKED',
]);

function replyCode(error: unknown): string {
  return isError(error) ? (error.message.split(' ', 1)[0] ?? '') : '';
}

/**
 * Opens a client for BullMQ, which waits through an outage instead of failing and blocks on some commands:
 * no command timeout, an offline queue and no auto-pipelining.
 */
export function createJobRedis(target: RedisTarget, logger: Logger): RedisClient {
  const client = connect(target, {
    perConnection: { connectTimeout: CONNECT_TIMEOUT_MS, maxRetriesPerRequest: null },
    enableOfflineQueue: true,
  });
  client.on('error', (error: unknown) => logger.debug({ error }, 'redis for jobs is away'));
  return client;
}

interface ConnectOptions {
  perConnection: Pick<
    RedisOptions,
    | 'autoResendUnfulfilledCommands'
    | 'commandTimeout'
    | 'connectTimeout'
    | 'enableAutoPipelining'
    | 'maxRetriesPerRequest'
  >;
  enableOfflineQueue: boolean;
}

function connect(target: RedisTarget, options: ConnectOptions): RedisClient {
  const { perConnection, enableOfflineQueue } = options;
  const single = { ...perConnection, enableOfflineQueue, retryStrategy: reconnectDelayMs };
  if (target.kind === 'single') return new Redis(target.url, single);
  if (target.kind === 'sentinel') {
    return new Redis({
      ...single,
      sentinels: target.sentinels,
      name: target.name,
      sentinelRetryStrategy: reconnectDelayMs,
      // A demoted primary answers READONLY: reconnect, and ask the sentinels again.
      reconnectOnError: (error: Error) => (replyCode(error) === 'READONLY' ? 1 : false),
    });
  }
  return new Cluster(target.nodes, {
    clusterRetryStrategy: reconnectDelayMs,
    enableAutoPipelining: perConnection.enableAutoPipelining ?? false,
    enableOfflineQueue,
    redisOptions: perConnection,
  });
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(attempt * 50, RECONNECT_DELAY_MAX_MS);
}

/** Whether Redis may hold Foyer's data: reachable, writable, and never evicting a key on its own. */
export async function redisReadiness(
  client: RedisClient,
): Promise<{ name: string; ok: boolean; detail: string }> {
  try {
    const info =
      client instanceof Cluster ? await clusterMemory(client) : await client.info('memory');
    const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'unknown';
    const ok = policy === 'noeviction';
    return {
      name: 'redis',
      ok,
      detail: ok ? 'noeviction' : `maxmemory-policy is ${policy}, not noeviction`,
    };
  } catch {
    return { name: 'redis', ok: false, detail: 'away' };
  }
}

async function clusterMemory(cluster: Cluster): Promise<string> {
  const infos = await Promise.all(cluster.nodes('master').map((node) => node.info('memory')));
  return infos.find((info) => !info.includes('maxmemory_policy:noeviction')) ?? infos[0] ?? '';
}
