import type { PlaceView } from '../../src/waiting-room/places.ts';
import { MOVABLE_CLOCK, moveClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

const told = (place: PlaceView) => [place.status, place.waitingNumber];

describe('Redis loses', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ workers: 1 });
  });
  afterAll(() => stack.close());

  const line = () => stack.services.waitingRoom.line;

  it.each([
    ['all, starting without its file', { forget: true }],
    ['its last seconds, as in a failover to a replica that lagged', { rewind: true }],
  ])(
    '%s: everybody comes back in the old order, nobody who had ended, and the rate holds',
    async (_, loss) => {
      const roomId = await stack.room({ capacity: 3, graceSeconds: 20 });
      const enter = (customerId: number) => line().enter({ roomId, customerId });
      const places: PlaceView[] = [];
      for (let id = 1; id <= 12; id += 1) places.push(await enter(id));
      const slow = await stack.room({ capacity: 100, graceSeconds: 20, admitPerMinute: 5 });
      const enterSlow = (customerId: number) => line().enter({ roomId: slow, customerId });
      const [first, , , fourth, fifth] = places;
      if (!first || !fourth || !fifth) throw new Error('places');
      stack.redis.remember();

      // What the lagging replica has not heard of.
      await line().leave({ ...first, reason: 'left' });
      await line().leave({ ...fifth, seq: 0, reason: 'removed' });
      expect((await line().look(fourth)).status).toBe('ACTIVE');
      for (const id of [13, 14, 1]) places.push(await enter(id));
      const slowly = await Promise.all([1, 2, 3, 4, 5, 6, 7].map(enterSlow));
      expect(slowly.filter((place) => place.status === 'ACTIVE')).toHaveLength(5);
      await stack.redis.stop(loss);
      await stack.redis.start();

      const poll = async () => {
        const views: PlaceView[] = [];
        for (const place of slowly) await line().look(place);
        for (const place of [...places].reverse()) views.unshift(await line().look(place));
        return views;
      };
      let newcomer: PlaceView | undefined;
      await eventually(
        async () => {
          newcomer ??= await enter(15);
          const views = await poll();
          const active = await stack.services.redis.zcard(`wr:{${roomId}}:active`);
          expect(active).toBeLessThanOrEqual(3);
          expect(views.some((view) => view.recovering)).toBe(false);
          expect(views.filter((view) => view.status === 'ACTIVE')).toHaveLength(3);
        },
        { timeoutMs: 30_000, everyMs: 100 },
      );
      expect((await poll()).map(told)).toEqual([
        ...[['EXPIRED', 0], ...Array(3).fill(['ACTIVE', 0]), ['EXPIRED', 0]],
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => ['WAITING', number]),
      ]);
      // No minute around the loss holds more admissions than the rate: all five were before it.
      expect((await stack.services.waitingRoom.admission.tick(slow)).called).toEqual([]);
      expect(await stack.services.redis.zcard(`wr:{${slow}}:active`)).toBe(0);
      // Who joined after the loss stands behind all who had joined before it.
      expect(newcomer && told(await line().look(newcomer))).toEqual(['WAITING', 11]);
    },
  );
});

describe('Redis is flushed while 20,000 poll', () => {
  const PEOPLE = 20_000;
  const CAPACITY = 20;
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ workers: 1, lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  it('brings all back in exactly the old order, none who ended in the last moment, and admits nobody beyond the limit', async () => {
    const { services } = stack;
    const { line } = services.waitingRoom;
    const { redis } = services;
    const roomId = await stack.room({
      ...{ capacity: CAPACITY, graceSeconds: 80, slotSeconds: 75, pollBudgetPerSecond: 20_000 },
    });
    const active = `wr:{${roomId}}:active`;
    const { concertId, optionIds } = await stack.concert({ roomId });
    const ids = await stack.customers(PEOPLE);
    const places = await Promise.all(ids.map((customerId) => line.enter({ roomId, customerId })));
    places.sort((a, b) => a.seq - b.seq);
    const at = (index: number): PlaceView => {
      const place = places[index];
      if (!place) throw new Error(`no place ${index}`);
      return place;
    };
    const silent = at(777);
    const pollAll = () =>
      Promise.all(places.filter((place) => place !== silent).map((place) => line.look(place)));

    // The first slots run out unused, and somebody stays away for longer than the grace.
    await moveClock(redis, 40_000);
    await pollAll();
    await moveClock(redis, 30_000);
    await pollAll();
    await moveClock(redis, 12_000);
    await eventually(async () => {
      expect(await redis.zscore(active, `${at(CAPACITY).customerId}`)).not.toBeNull();
      expect(await line.place(roomId, silent.customerId)).toBeUndefined();
    });
    // One pays, one leaves, one is removed, and all is lost at that very moment.
    const buyer = at(CAPACITY);
    expect((await line.look(buyer)).status).toBe('ACTIVE');
    const headers = { Authorization: `Bearer ${services.queueTokens.sign(buyer)}` };
    const { customerId } = buyer;
    const performances = [{ optionId: optionIds[0], seatId: 1 }];
    await stack.api
      .post('/reservation/reserve')
      .set(headers)
      .send({ reserver: { customerId, reserverName: '김' }, concertId, performances })
      .expect(200);
    const pay = [{ payMethod: 'POINT', payAmount: 1_000 }];
    const left = at(3_000);
    const removed = at(4_000);
    await Promise.all([
      stack.api.post('/reservation/pay').set(headers).send({ customerId, pay }).expect(200),
      line.leave({ ...left, reason: 'left' }),
      line.leave({ ...removed, seq: 0, reason: 'removed' }),
    ]);
    const polling = pollAll();
    await redis.multi().flushall().incrby('test:clock', 82_000_000).exec();
    await polling;

    const over = new Set([...places.slice(0, CAPACITY), buyer, silent, left, removed]);
    const live = places.filter((place) => !over.has(place));
    let most = 0;
    const views = await eventually(
      async () => {
        const round = await Promise.all(places.map((place) => line.look(place)));
        most = Math.max(most, await redis.zcard(active));
        if (round.some((view) => view.recovering)) expect(most).toBe(0);
        expect(round.some((view) => view.recovering)).toBe(false);
        expect(round.filter((view) => view.status === 'ACTIVE')).toHaveLength(CAPACITY);
        return round;
      },
      { timeoutMs: 40_000, everyMs: 50 },
    );
    expect(most).toBe(CAPACITY);
    const numberOf = new Map(live.map((place, index) => [place, index - CAPACITY + 1]));
    const expected = places.map((place) => {
      const number = numberOf.get(place);
      if (number === undefined) return ['EXPIRED', 0];
      return number > 0 ? ['WAITING', number] : ['ACTIVE', 0];
    });
    expect(views.map(told)).toEqual(expected);
    const order = await redis.zrange(`wr:{${roomId}}:waiting`, 0, '-1');
    expect(order.map(Number)).toEqual(live.slice(CAPACITY).map((place) => place.customerId));
  });
});
