import { Cluster, Redis, type RedisOptions, ReplyError } from 'ioredis';
import type { RedisTarget } from './config.ts';
import { AppError, isError } from './errors.ts';
import type { Logger } from './logger.ts';
import { PrimaryConnector } from './sentinel-connector.ts';

export type RedisClient = Redis | Cluster;

/** A command that got no answer for this long has failed; the caller answers UNAVAILABLE. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
/**
 * Scripts that carry a whole turn's requests already. To pipeline them too makes a pipeline for each, and keeps
 * what it carried from the garbage collector for long: a third of what a poll costs.
 */
const BATCHED = ['foyer:look', 'foyer:enter'];
const RECONNECT_DELAY_MAX_MS = 500;
/** A cluster's node that hangs says neither MOVED nor goodbye: who took over is asked for in any case. */
const CLUSTER_MAP_EVERY_MS = 2_000;
const CLUSTER_SLOTS = 16_384;
const SENTINEL_RECONNECT_MS = 2_000;

/**
 * Opens a client that fails fast: while Redis is away, commands are refused at once instead of queued, so
 * that the gate fails closed, and the client reconnects by itself. Commands of one event-loop turn travel
 * together (auto-pipelining), but for a Cluster: there each must be redirected on its own when its slot has
 * moved, and a pipeline that moved in part is not.
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
      autoPipeliningIgnoredCommands: [...BATCHED],
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
  client.on('node error', (error: unknown, node: unknown) => {
    logger.debug({ error, node }, 'a node of the redis cluster is away');
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
  'ASK',
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
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
    | 'autoPipeliningIgnoredCommands'
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
      password: target.password,
      sentinels: target.sentinels,
      Connector: PrimaryConnector,
      name: target.name,
      sentinelPassword: target.sentinelPassword,
      sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
      sentinelRetryStrategy: reconnectDelayMs,
      sentinelReconnectStrategy: () => SENTINEL_RECONNECT_MS,
      // A primary that hangs keeps its connections: the sentinels tell when another took over.
      failoverDetector: true,
      // A demoted primary answers READONLY: reconnect, and ask the sentinels again.
      reconnectOnError: (error: Error) => (replyCode(error) === 'READONLY' ? 1 : false),
    });
  }
  return new Cluster(target.nodes, {
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshInterval: CLUSTER_MAP_EVERY_MS,
    enableOfflineQueue,
    redisOptions: { ...perConnection, enableAutoPipelining: false, password: target.password },
  });
}

function reconnectDelayMs(attempt: number): number {
  return Math.min(attempt * 50, RECONNECT_DELAY_MAX_MS);
}

/**
 * Whether Redis may hold Foyer's data: reachable, writable, and never evicting a key on its own; of a Cluster,
 * every master, and every slot served.
 */
export async function redisReadiness(
  client: RedisClient,
): Promise<{ name: string; ok: boolean; detail: string }> {
  try {
    const problem =
      client instanceof Cluster
        ? await clusterProblem(client)
        : policyProblem(await client.info('memory'));
    return { name: 'redis', ok: problem === undefined, detail: problem ?? 'noeviction' };
  } catch {
    return { name: 'redis', ok: false, detail: 'away' };
  }
}

/** Who serves now: the run id of Redis, of a Cluster those of the masters that answer; each restart brings a new one. */
export async function redisRunIds(client: RedisClient): Promise<Set<string>> {
  const nodes = client instanceof Cluster ? client.nodes('master') : [client];
  const infos = await Promise.allSettled(nodes.map((node) => node.info('server')));
  return new Set(
    infos.flatMap((info) =>
      info.status === 'fulfilled' ? (/run_id:([0-9a-f]+)/.exec(info.value)?.[1] ?? []) : [],
    ),
  );
}

async function clusterProblem(cluster: Cluster): Promise<string | undefined> {
  const masters = cluster.nodes('master');
  if (masters.length === 0) return 'away';
  const [state, ...memories] = await Promise.all([
    cluster.cluster('INFO'),
    ...masters.map((node) => node.info('memory')),
  ]);
  const served = /cluster_slots_ok:(\d+)/.exec(state)?.[1] ?? '0';
  if (Number(served) < CLUSTER_SLOTS) return `serves ${served} of ${CLUSTER_SLOTS} slots`;
  return memories.map(policyProblem).find((problem) => problem !== undefined);
}

function policyProblem(info: string): string | undefined {
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? 'unknown';
  return policy === 'noeviction' ? undefined : `maxmemory-policy is ${policy}, not noeviction`;
}
