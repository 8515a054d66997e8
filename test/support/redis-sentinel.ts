import { join } from 'node:path';
import { eventually } from './eventually.ts';
import {
  freePorts,
  NODE_PASSWORD,
  type RedisNode,
  serversDir,
  startAll,
  startRedisNode,
} from './redis-node.ts';

const NAME = 'foyer';
const SERVERS = 3;
const SENTINELS = 3;
const DOWN_AFTER_MS = 2_000;

/** A primary, two replicas, and three sentinels who watch them. */
export interface RedisSentinel {
  /** The environment that points Foyer at it. */
  env: Record<string, string>;
  /** Who is the primary by the word of all sentinels. */
  primary(): Promise<RedisNode>;
  replicas(): Promise<RedisNode[]>;
  sentinels: RedisNode[];
  close(): Promise<void>;
}

export async function startRedisSentinel(): Promise<RedisSentinel> {
  const dir = serversDir('sentinel');
  const ports = await freePorts(SERVERS + SENTINELS);
  const [firstPort = 0] = ports;
  const servers = await startAll(
    ports.slice(0, SERVERS).map((port, nth) =>
      startRedisNode({
        dir: join(dir, `server-${nth}`),
        port,
        settings: [
          // What a primary writes that no replica has heard of is lost with it: it must not say yes alone.
          'min-replicas-to-write 1',
          'min-replicas-max-lag 1',
          ...(nth > 0 ? [`replicaof 127.0.0.1 ${firstPort}`] : []),
        ],
      }),
    ),
  );
  const all = [...servers];
  const close = async (): Promise<void> => {
    await Promise.all(all.map((node) => node.close()));
  };
  try {
    const [first] = servers;
    const patience = { timeoutMs: 60_000, everyMs: 100 };
    await eventually(async () => {
      expect(await first?.client.info('replication')).toMatch(/min_slaves_good_slaves:2/);
    }, patience);
    const sentinels = await startAll(
      ports.slice(SERVERS).map((port, nth) =>
        startRedisNode({
          dir: join(dir, `sentinel-${nth}`),
          port,
          sentinel: true,
          settings: [
            `sentinel monitor ${NAME} 127.0.0.1 ${firstPort} 2`,
            `sentinel auth-pass ${NAME} ${NODE_PASSWORD}`,
            `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
            `sentinel failover-timeout ${NAME} 6000`,
          ],
        }),
      ),
    );
    all.push(...sentinels);
    await eventually(async () => {
      for (const { client } of sentinels) {
        const info = await client.info('sentinel');
        expect(info).toMatch(/slaves=2,sentinels=3/);
      }
    }, patience);
    const primary = () => agreed(servers, sentinels);
    return {
      env: environment(ports.slice(SERVERS)),
      primary,
      async replicas() {
        const now = await primary();
        return servers.filter((server) => server !== now);
      },
      sentinels,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function environment(sentinelPorts: number[]): Record<string, string> {
  const sentinels = sentinelPorts.map((port) => `127.0.0.1:${port}`).join(',');
  return {
    REDIS_URL: '',
    REDIS_SENTINELS: `${NAME}@${sentinels}`,
    REDIS_PASSWORD: NODE_PASSWORD,
  };
}

async function agreed(servers: RedisNode[], sentinels: RedisNode[]): Promise<RedisNode> {
  const ports = await Promise.all(
    sentinels.map(async ({ client }) => {
      const address = await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
      return Array.isArray(address) ? Number(address[1]) : 0;
    }),
  );
  const [port] = ports;
  const node = servers.find((one) => one.port === port);
  if (!node || ports.some((one) => one !== port)) throw new Error('the sentinels do not agree');
  return node;
}
