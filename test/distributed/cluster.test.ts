import type { PlaceView } from '../../src/waiting-room/places.ts';
import { eventually } from '../support/eventually.ts';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.ts';
import { sellThrough } from '../support/sell-through.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { PATIENTLY, SLOWLY_MS, walkThrough } from '../support/walk.ts';

describe('on a Redis Cluster of three masters', () => {
  let cluster: RedisCluster;
  let stack: Stack;
  /** Another API and worker, with connections of their own. */
  let other: Stack;
  beforeAll(async () => {
    cluster = await startRedisCluster();
    stack = await startStack({ redisEnv: cluster.env, workers: 1 });
    const { databaseUrl } = stack;
    other = await startStack({ databaseUrl, redisEnv: cluster.env, workers: 1 });
  }, SLOWLY_MS);
  afterAll(async () => {
    await other?.close();
    await stack?.close();
    await cluster?.close();
  });

  it(
    'is ready, and sells from the line to the ticket',
    async () => {
      await eventually(async () => {
        const { body } = await stack.api.get('/health/ready');
        expect(body).toMatchObject({ status: 'ready' });
      }, PATIENTLY);
      await walkThrough(stack);
    },
    SLOWLY_MS,
  );

  it(
    'spreads rooms over the masters and serves them all at once',
    async () => {
      const rooms = await Promise.all(
        Array.from({ length: 24 }, () => stack.room({ capacity: 1 })),
      );
      const ports = await Promise.all(
        rooms.map(async (roomId) => (await cluster.masterOf(`wr:{${roomId}}:places`)).port),
      );
      expect(new Set(ports).size).toBe(3);
      const [first, second] = await stack.customers(2, 0);
      if (!first || !second) throw new Error('two customers');
      const { line } = stack.services.waitingRoom;
      // In one turn: commands to all masters at once.
      const holders = await Promise.all(
        rooms.map((roomId) => line.enter({ roomId, customerId: first })),
      );
      expect(holders.map((place) => place.status)).toEqual(rooms.map(() => 'ACTIVE'));
      const waiters = await Promise.all(
        rooms.map((roomId) => line.enter({ roomId, customerId: second })),
      );
      expect(waiters.map((place) => place.waitingNumber)).toEqual(rooms.map(() => 1));
      await Promise.all(holders.map((place) => line.leave({ ...place, reason: 'left' })));
      const called = await Promise.all(waiters.map((place) => line.look(place)));
      expect(called.map((place) => place.status)).toEqual(rooms.map(() => 'ACTIVE'));
    },
    SLOWLY_MS,
  );

  it(
    'finds who took over from a master that hangs and says nothing',
    async () => {
      const roomId = await stack.room({ capacity: 1 });
      const customers = await stack.customers(3, 0);
      const { line } = stack.services.waitingRoom;
      const places: PlaceView[] = [];
      for (const customerId of customers) places.push(await line.enter({ roomId, customerId }));
      const key = `wr:{${roomId}}:places`;
      const hung = await cluster.masterOf(key);
      const witness = cluster.nodes.find((node) => node !== hung);
      hung.signal('SIGSTOP');
      try {
        await eventually(async () => {
          expect(await cluster.masterOf(key, witness)).not.toBe(hung);
        }, PATIENTLY);
        await eventually(async () => {
          const now = await Promise.all(places.map((place) => line.look(place)));
          expect(now.map((place) => [place.status, place.waitingNumber, place.recovering])).toEqual(
            [
              ['ACTIVE', 0, false],
              ['WAITING', 1, false],
              ['WAITING', 2, false],
            ],
          );
        }, PATIENTLY);
      } finally {
        hung.signal('SIGCONT');
      }
      await eventually(async () => {
        expect(await hung.client.info('replication')).toMatch(
          /role:slave[\s\S]*master_link_status:up/,
        );
      }, PATIENTLY);
    },
    SLOWLY_MS,
  );

  it(
    'goes on with a sale whose master was killed, and loses no answer',
    async () => {
      const sale = await sellThrough(
        stack,
        async (roomId) => {
          const key = `wr:{${roomId}}:places`;
          const fallen = await cluster.masterOf(key);
          const witness = cluster.nodes.find((node) => node !== fallen);
          fallen.signal('SIGKILL');
          await eventually(async () => {
            expect(await cluster.masterOf(key, witness)).not.toBe(fallen);
          }, PATIENTLY);
        },
        [stack.url, other.url],
      );
      expect(sale.unavailable).toBeGreaterThan(0);
      await eventually(async () => {
        expect((await stack.api.get('/health/ready')).status).toBe(200);
      }, PATIENTLY);
    },
    SLOWLY_MS,
  );
});
