import { once } from 'node:events';
import { Redis } from 'ioredis';
import { whenRedisReady } from '../../src/platform/redis.ts';
import type { PlaceView } from '../../src/waiting-room/places.ts';
import { eventually } from '../support/eventually.ts';
import { type RedisSentinel, startRedisSentinel } from '../support/redis-sentinel.ts';
import { sellThrough } from '../support/sell-through.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { PATIENTLY, SLOWLY_MS, walkThrough } from '../support/walk.ts';

const OLD_ORDER = [
  ['ACTIVE', 0],
  ['ACTIVE', 0],
  ...[1, 2, 3, 4, 5, 6].map((number) => ['WAITING', number]),
];

describe('on a Redis primary watched by sentinels', () => {
  let sentinel: RedisSentinel;
  let stack: Stack;
  /** Another API and worker, with connections of their own. */
  let other: Stack;
  beforeAll(async () => {
    sentinel = await startRedisSentinel();
    stack = await startStack({ redisEnv: sentinel.env, workers: 1 });
    const { databaseUrl } = stack;
    other = await startStack({ databaseUrl, redisEnv: sentinel.env, workers: 1 });
  }, SLOWLY_MS);
  afterAll(async () => {
    await other?.close();
    await stack?.close();
    await sentinel?.close();
  });

  it(
    'is ready, and sells from the line to the ticket',
    async () => {
      await stack.api.get('/health/ready').expect(200);
      await walkThrough(stack);
    },
    SLOWLY_MS,
  );

  it(
    'takes nobody in while no replica would know of it',
    async () => {
      const roomId = await stack.room({ capacity: 1 });
      const [customerId] = await stack.customers(1, 0);
      const replicas = await sentinel.replicas();
      for (const replica of replicas) replica.signal('SIGSTOP');
      try {
        await eventually(async () => {
          const reply = await stack.api
            .post('/customer/waiting/enter')
            .send({ customerId, roomId });
          expect([reply.status, reply.body.code]).toEqual([503, 'UNAVAILABLE']);
        }, PATIENTLY);
      } finally {
        for (const replica of replicas) replica.signal('SIGCONT');
      }
      await eventually(async () => {
        await stack.api.post('/customer/waiting/enter').send({ customerId, roomId }).expect(200);
      }, PATIENTLY);
    },
    SLOWLY_MS,
  );

  it(
    'brings back in their order those whom a primary took in that hung before it told',
    async () => {
      const roomId = await stack.room({ capacity: 2 });
      const customers = await stack.customers(8, 0);
      const { line } = stack.services.waitingRoom;
      const enter = (customerId: number) => line.enter({ roomId, customerId });
      const places: PlaceView[] = [];
      for (const customerId of customers.slice(0, 4)) places.push(await enter(customerId));
      const hung = await sentinel.primary();
      const replicas = await sentinel.replicas();
      await hung.client.call('WAIT', 2, 0);
      // The next four are told their place, and nobody else knows of it.
      await hung.client.config('SET', 'min-replicas-to-write', 0);
      for (const replica of replicas) replica.signal('SIGSTOP');
      for (const customerId of customers.slice(4)) places.push(await enter(customerId));
      hung.signal('SIGSTOP');
      for (const replica of replicas) replica.signal('SIGCONT');
      try {
        await eventually(async () => {
          expect(await sentinel.primary()).not.toBe(hung);
        }, PATIENTLY);
        const recovered = new Set<boolean>();
        await eventually(async () => {
          const now: PlaceView[] = [];
          // Who came last comes back first.
          for (const place of [...places].reverse()) now.unshift(await line.look(place));
          for (const place of now) recovered.add(place.recovering);
          expect(now.filter((place) => place.status === 'ACTIVE').length).toBeLessThanOrEqual(2);
          expect(now.map((place) => [place.status, place.waitingNumber])).toEqual(OLD_ORDER);
        }, PATIENTLY);
        expect(recovered).toEqual(new Set([true, false]));
      } finally {
        hung.signal('SIGCONT');
      }
      await eventually(async () => {
        expect(await hung.client.info('replication')).toMatch(
          /role:slave[\s\S]*master_link_status:up/,
        );
      }, PATIENTLY);
      const now = await Promise.all(places.map((place) => line.look(place)));
      expect(now.map((place) => [place.status, place.waitingNumber])).toEqual(OLD_ORDER);
    },
    SLOWLY_MS,
  );

  it(
    'goes on with a sale whose primary was killed, and loses no answer',
    async () => {
      const sale = await sellThrough(stack, async () => {
        const fallen = await sentinel.primary();
        fallen.signal('SIGKILL');
        await eventually(async () => {
          expect(await sentinel.primary()).not.toBe(fallen);
        }, PATIENTLY);
      }, [stack.url, other.url]);
      expect(sale.unavailable).toBeGreaterThan(0);
    },
    SLOWLY_MS,
  );

  // The last: sentinels that stood still watch on only after half a minute.
  it(
    'comes back with clients that asked silent sentinels when another told them who took over',
    async () => {
      const { services } = stack;
      const jobs = services.createJobRedis();
      const clients = [services.redis, jobs, jobs instanceof Redis ? jobs.duplicate() : jobs];
      const [telling, ...silent] = [...sentinel.sentinels].reverse();
      if (!telling) throw new Error('no sentinel');
      // The sentinels have just seen another primary fall.
      const before = await eventually(() => sentinel.primary(), PATIENTLY);
      const subscriber = telling.client.duplicate();
      try {
        for (const client of clients) client.on('error', () => undefined);
        await Promise.all(clients.map((client) => whenRedisReady(client, SLOWLY_MS)));
        await subscriber.subscribe('+promoted-slave');
        const nearlyOver = once(subscriber, 'message');
        await eventually(() => telling.client.call('SENTINEL', 'FAILOVER', 'foyer'), PATIENTLY);
        await nearlyOver;
        for (const one of silent) one.signal('SIGSTOP');
        await before.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        await eventually(async () => {
          const address = await telling.client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'foyer');
          expect(address).not.toContain(String(before.port));
        }, PATIENTLY);
        await eventually(async () => {
          expect(await Promise.all(clients.map((client) => client.ping()))).toEqual(
            clients.map(() => 'PONG'),
          );
        }, PATIENTLY);
      } finally {
        for (const one of silent) one.signal('SIGCONT');
        subscriber.disconnect();
        for (const client of clients.slice(1)) client.disconnect();
      }
    },
    SLOWLY_MS,
  );
});
