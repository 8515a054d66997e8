import { Cluster, Redis, type RedisOptions, ReplyError } from 'ioredis';
import type { RedisTarget } from './config.ts';
import { AppError } from './errors.ts';
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
  const client = connect(target);
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
  const transport = error instanceof Error && !(error instanceof ReplyError);
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
  return error instanceof Error ? (error.message.split(' ', 1)[0] ?? '') : '';
}

function connect(target: RedisTarget): RedisClient {
  const options: RedisOptions = {
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: reconnectDelayMs,
  };
  if (target.kind === 'single') return new Redis(target.url, options);
  if (target.kind === 'sentinel') {
    return new Redis({
      ...options,
      sentinels: target.sentinels,
      name: target.name,
      sentinelRetryStrategy: reconnectDelayMs,
      // A demoted primary answers READONLY: reconnect, and ask the sentinels again.
      reconnectOnError: (error) => (replyCode(error) === 'READONLY' ? 1 : false),
    });
  }
  return new Cluster(target.nodes, {
    clusterRetryStrategy: reconnectDelayMs,
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    redisOptions: options,
  });
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(attempt * 50, RECONNECT_DELAY_MAX_MS);
}
