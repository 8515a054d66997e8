import { once } from 'node:events';
import supertest from 'supertest';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { whenRedisReady } from '../../src/platform/redis.ts';
import { createServices, type Services } from '../../src/services.ts';
import type { PlaceView } from '../../src/waiting-room/places.ts';
import { MOVABLE_CLOCK, moveClock, STILL_CLOCK, setClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

const ids = (count: number, from = 1) => Array.from({ length: count }, (_, nth) => from + nth);
const told = (place: PlaceView) => [place.status, place.waitingNumber];

/** A further API process' worth of Foyer on the servers of a stack. */
async function startReplica(stack: Stack, lineClock: string): Promise<Services> {
  const { config, logger } = stack.services;
  if (!config.redis) throw new Error('a stack has a Redis');
  const services = createServices({
    ...{ config, logger, lineClock, databaseUrl: stack.databaseUrl, redisTarget: config.redis },
    migrations: [],
  });
  await whenRedisReady(services.redis, 10_000);
  return services;
}

/** Faults that were seen when existing waiting rooms were run; none of them is Foyer's. */
describe('faults of other waiting rooms', () => {
  let stack: Stack;
  let replica: Services;
  let http: HttpServer;
  let other: ReturnType<typeof supertest>;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
    replica = await startReplica(stack, MOVABLE_CLOCK);
    http = createHttpServer(replica);
    http.server.listen(0, '127.0.0.1');
    await once(http.server, 'listening');
    other = supertest(http.server);
  });
  afterAll(async () => {
    await http.close();
    await replica.close();
    await stack.close();
  });

  const line = () => stack.services.waitingRoom.line;
  const look = (places: PlaceView[]) => Promise.all(places.map((place) => line().look(place)));
  const enter = (roomId: string, customers: number[]) =>
    Promise.all(customers.map((customerId) => line().enter({ roomId, customerId })));
  const tick = (roomId: string) => stack.services.waitingRoom.admission.tick(roomId);
  const patch = (roomId: string, capacity: number) =>
    stack.services.waitingRoom.rooms.patch(
      roomId,
      1,
      { capacity },
      { name: 'test', requestId: 'test' },
    );

  it('a silent person at the front holds up nobody, be it a thousand of them', async () => {
    const roomId = await stack.room({ capacity: 0, graceSeconds: 100, claimSeconds: 1 });
    const places = await enter(roomId, ids(1_200));
    const present = places.slice(1_100);
    await moveClock(stack.services.redis, 51_000);
    await look(present);
    await patch(roomId, 10);
    // One tick passes all who are silent, however many.
    const { called } = await tick(roomId);
    expect(called.map((one) => one.customerId)).toEqual(ids(10, 1_101));
    // Somebody called who stays silent loses the slot, not the place, to the next.
    await look(present.slice(5));
    await moveClock(stack.services.redis, 31_000);
    await look(present.slice(5));
    const next = await tick(roomId);
    expect(next.called.map((one) => one.customerId)).toEqual(ids(5, 1_111));
    expect((await look(present.slice(0, 1))).map(told)).toEqual([['WAITING', 1]]);
  });

  it('abandoned places go: nobody waits behind people who are no longer there', async () => {
    const roomId = await stack.room({ capacity: 0, graceSeconds: 100 });
    const places = await enter(roomId, ids(900));
    const [last] = places.slice(-1);
    if (!last) throw new Error('places');
    await moveClock(stack.services.redis, 60_000);
    expect(told(await line().look(last))).toEqual(['WAITING', 900]);
    await moveClock(stack.services.redis, 60_000);
    let cursor = '0';
    do {
      ({ cursor } = await stack.services.waitingRoom.admission.sweepStep(roomId, cursor));
    } while (cursor !== '0');
    expect(told(await line().look(last))).toEqual(['WAITING', 1]);
    expect(await stack.services.redis.hlen(`wr:{${roomId}}:places`)).toBe(1);
  });

  it('entering again, in another tab or on another device, neither costs nor wins a place', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const customers = await stack.customers(20, 0);
    const post = (api: typeof other, customerId: number) =>
      api.post('/customer/waiting/enter').send({ customerId, roomId }).expect(200);
    for (const customer of customers) await post(stack.api, customer);
    // Everybody, at the same moment, through both processes, backwards.
    const again = await Promise.all(
      [...customers].reverse().flatMap((one) => [post(other, one), post(stack.api, one)]),
    );
    const numbers = again.map(({ body }) => body.waitingNumber);
    expect(numbers).toEqual(
      ids(20)
        .reverse()
        .flatMap((number) => [number, number]),
    );
    expect(await stack.services.redis.zcard(`wr:{${roomId}}:waiting`)).toBe(20);
  });

  it('a second replica, and its end, clears nothing', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const places = await enter(roomId, ids(5));
    const before = (await look(places)).map(told);
    const third = await startReplica(stack, MOVABLE_CLOCK);
    const seen = await Promise.all(places.map((place) => third.waitingRoom.line.look(place)));
    expect(seen.map(told)).toEqual(before);
    await third.close();
    expect((await look(places)).map(told)).toEqual(before);
  });

  it('one customer has one place per room, and rooms do not mix', async () => {
    const [a, b] = [await stack.room({ capacity: 0 }), await stack.room({ capacity: 1 })];
    const [here] = await enter(a, [7, 8, 9]);
    const [there] = await enter(b, [7]);
    if (!here || !there) throw new Error('two places');
    expect([told(here), told(there)]).toEqual([
      ['WAITING', 1],
      ['ACTIVE', 0],
    ]);
    // What speaks for a place in one room says nothing in another.
    expect((await line().look({ ...here, roomId: b })).status).not.toBe('WAITING');
    expect((await line().extend({ ...there, roomId: a, holdMs: 1_000 })).kind).toBe('refused');
    expect(await line().leave({ ...there, roomId: a, reason: 'left' })).toBe(false);
    expect(told(await line().look(here))).toEqual(['WAITING', 1]);
    await line().leave({ ...here, reason: 'left' });
    expect(told(await line().look(there))).toEqual(['ACTIVE', 0]);
  });

  it('a store that is away admits nobody, and a restart clears nothing', async () => {
    const roomId = await stack.room({ capacity: 1, graceSeconds: 20 });
    const [a, b] = await stack.customers(2, 0);
    if (!a || !b) throw new Error('two customers');
    const places = await enter(roomId, [a]);
    await patch(roomId, 5);
    await stack.redis.stop();
    for (const api of [stack.api, other]) {
      const { status, body } = await api
        .post('/customer/waiting/enter')
        .send({ customerId: b, roomId });
      expect([status, body.code]).toEqual([503, 'UNAVAILABLE']);
    }
    await expect(look(places)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await stack.redis.start();
    await Promise.all(
      [stack.services, replica].map((services) => whenRedisReady(services.redis, 10_000)),
    );
    await eventually(async () => {
      const [place] = await look(places);
      expect(place && [place.seq, place.status]).toEqual([places[0]?.seq, 'ACTIVE']);
    });
    // Who was not let in has no place: nothing was kept of an entry that was refused.
    expect(await line().place(roomId, b)).toBeUndefined();
  });
});

describe('ties', () => {
  let stack: Stack;
  let replica: Services;
  beforeAll(async () => {
    stack = await startStack({ lineClock: STILL_CLOCK });
    replica = await startReplica(stack, STILL_CLOCK);
  });
  afterAll(async () => {
    await replica.close();
    await stack.close();
  });

  it('cannot happen: a thousand who come in the same microsecond, through two processes, have distinct places', async () => {
    await setClock(stack.services.redis, Date.now());
    const roomId = await stack.room({ capacity: 0 });
    const places = await Promise.all(
      ids(1_000).map((customerId) =>
        (customerId % 2 === 0 ? stack.services : replica).waitingRoom.line.enter({
          ...{ roomId, customerId },
        }),
      ),
    );
    expect(new Set(places.map((place) => place.seq)).size).toBe(1_000);
    const views = await Promise.all(
      places.map((place) => stack.services.waitingRoom.line.look(place)),
    );
    const numbers = views.sort((x, y) => x.seq - y.seq).map((view) => view.waitingNumber);
    expect(numbers).toEqual(ids(1_000));
  });
});
