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

const MASTERS = 3;
const SLOTS = 16_384;
/** A node that says nothing for this long is replaced. */
const NODE_TIMEOUT_MS = 3_000;

/** Three masters with a replica each. */
export interface RedisCluster {
  /** The environment that points Foyer at it. */
  env: Record<string, string>;
  nodes: RedisNode[];
  /** Who serves the key's slot, as `asked` sees it. */
  masterOf(key: string, asked?: RedisNode): Promise<RedisNode>;
  close(): Promise<void>;
}

export async function startRedisCluster(): Promise<RedisCluster> {
  const dir = serversDir('cluster');
  const ports = await freePorts(MASTERS * 4);
  const nodes = await startAll(
    Array.from({ length: MASTERS * 2 }, (_, nth) =>
      startRedisNode({
        dir: join(dir, `node-${nth}`),
        port: ports[nth] ?? 0,
        settings: [
          'cluster-enabled yes',
          `cluster-port ${ports[nth + MASTERS * 2] ?? 0}`,
          `cluster-node-timeout ${NODE_TIMEOUT_MS}`,
          // However late a loaded machine is, a replica may take over; and the other slots go on meanwhile.
          'cluster-replica-validity-factor 0',
          'cluster-require-full-coverage no',
        ],
      }),
    ),
  );
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.close()));
  };
  try {
    await join6(nodes, ports.slice(MASTERS * 2));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    env: {
      REDIS_URL: '',
      REDIS_CLUSTER: nodes.map((node) => `127.0.0.1:${node.port}`).join(','),
      REDIS_PASSWORD: NODE_PASSWORD,
    },
    nodes,
    async masterOf(key, asked = first(nodes)) {
      const slot = await asked.client.cluster('KEYSLOT', key);
      const line = (await clusterNodes(asked)).find(
        (one) => one.master && one.slots.some(([from, to]) => from <= slot && slot <= to),
      );
      const node = nodes.find((one) => one.port === line?.port);
      if (!node) throw new Error(`nobody serves slot ${slot}`);
      return node;
    },
    close,
  };
}

/** What `redis-cli --cluster create` does, without its pauses. */
async function join6(nodes: RedisNode[], busPorts: number[]): Promise<void> {
  const masters = nodes.slice(0, MASTERS);
  const per = Math.ceil(SLOTS / MASTERS);
  await Promise.all(
    nodes.map(async ({ client }, nth) => {
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', nth + 1);
      if (nth >= MASTERS) return;
      await client.call(
        'CLUSTER',
        'ADDSLOTSRANGE',
        nth * per,
        Math.min(SLOTS, (nth + 1) * per) - 1,
      );
    }),
  );
  for (const [nth, { port }] of nodes.entries()) {
    if (nth > 0) {
      await first(nodes).client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPorts[nth] ?? 0);
    }
  }
  const patience = { timeoutMs: 60_000, everyMs: 100 };
  await eventually(async () => {
    for (const node of nodes) expect(await clusterNodes(node)).toHaveLength(nodes.length);
  }, patience);
  await Promise.all(
    nodes.slice(MASTERS).map(async ({ client }, nth) => {
      const id = await masters[nth]?.client.call('CLUSTER', 'MYID');
      await client.call('CLUSTER', 'REPLICATE', String(id));
    }),
  );
  await eventually(async () => {
    for (const node of nodes) {
      expect(await node.client.cluster('INFO')).toMatch(/cluster_state:ok/);
      const seen = await clusterNodes(node);
      expect(seen.filter((one) => one.master)).toHaveLength(MASTERS);
    }
    for (const { client } of nodes.slice(MASTERS)) {
      expect(await client.info('replication')).toMatch(/master_link_status:up/);
    }
  }, patience);
}

async function clusterNodes(node: RedisNode) {
  const text = String(await node.client.call('CLUSTER', 'NODES'));
  return text
    .trim()
    .split('\n')
    .filter((line) => !line.includes('handshake'))
    .map((line) => {
      const [, address = '', flags = '', , , , , , ...slots] = line.split(' ');
      return {
        port: Number(/:(\d+)@/.exec(address)?.[1]),
        master: flags.includes('master') && !/fail(?!\?)/.test(flags),
        slots: slots
          .filter((range) => !range.startsWith('['))
          .map((range): [number, number] => {
            const [from, to] = range.split('-').map(Number);
            return [from ?? -1, to ?? from ?? -1];
          }),
      };
    });
}

function first(nodes: RedisNode[]): RedisNode {
  const [node] = nodes;
  if (!node) throw new Error('no node');
  return node;
}
