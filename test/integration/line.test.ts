import { clockMs, MOVABLE_CLOCK, moveClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { admin, type Stack, startStack } from '../support/stack.ts';

describe('the line', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  const line = () => stack.services.waitingRoom.line;
  const tick = (roomId: string) => stack.services.waitingRoom.admission.tick(roomId);
  const advance = (ms: number) => moveClock(stack.services.redis, ms);
  /** Everybody polls once. */
  const seen = (places: { roomId: string; customerId: number; seq: number }[]) =>
    Promise.all(places.map((place) => line().look(place)));
  const enter = (roomId: string, ids: number[]) =>
    Promise.all(ids.map((customerId) => line().enter({ roomId, customerId })));
  const ids = (count: number) => Array.from({ length: count }, (_, nth) => nth + 1);

  it('gives 2,000 parallel enters distinct, gap-free numbers, and the same again to who returns', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const customers = await stack.customers(2_000, 0);
    const call = (customerId: number) =>
      stack.api.post('/customer/waiting/enter').send({ customerId, roomId }).expect(200);
    const first: number[] = [];
    for (let from = 0; from < customers.length; from += 250) {
      const replies = await Promise.all(customers.slice(from, from + 250).map(call));
      first.push(...replies.map((reply) => reply.body.watingNumber));
    }
    expect([...first].sort((a, b) => a - b)).toEqual(ids(2_000));
    const again = await Promise.all(customers.slice(0, 100).map(call));
    expect(again.map((reply) => reply.body.watingNumber)).toEqual(first.slice(0, 100));
  });

  it('answers ACTIVE at once below the capacity, and the true rank above it', async () => {
    const roomId = await stack.room({ capacity: 2 });
    const places = await enter(roomId, ids(5));
    expect(places.map((place) => [place.status, place.waitingNumber])).toEqual([
      ['ACTIVE', 0],
      ['ACTIVE', 0],
      ['WAITING', 1],
      ['WAITING', 2],
      ['WAITING', 3],
    ]);
  });

  it('calls in order of seq, at once when a slot is given back', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const places = await enter(roomId, ids(4));
    const [a, b, c, d] = places;
    if (!a || !b || !c || !d) throw new Error('four places');
    expect(await line().leave({ ...a, reason: 'left' })).toBe(true);
    expect(await line().leave({ ...a, reason: 'left' })).toBe(false);
    const statuses = async () => (await seen(places)).map((p) => [p.status, p.waitingNumber]);
    expect(await statuses()).toEqual([
      ['EXPIRED', 0],
      ['ACTIVE', 0],
      ['WAITING', 1],
      ['WAITING', 2],
    ]);
    // Leaving the line moves up who is behind.
    await line().leave({ ...c, reason: 'left' });
    expect((await statuses())[3]).toEqual(['WAITING', 1]);
  });

  it('gives a new place at the end to who enters after the place ended', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const [a] = await enter(roomId, ids(3));
    if (!a) throw new Error('a place');
    await line().leave({ ...a, reason: 'left' });
    const again = await line().enter({ roomId, customerId: 1 });
    expect(again.seq).toBeGreaterThan(a.seq);
    expect(again.waitingNumber).toBe(3);
    // The old token speaks for the old place only.
    expect((await line().look(a)).status).toBe('EXPIRED');
    expect(await line().leave({ ...a, reason: 'left' })).toBe(false);
    expect((await line().look(again)).status).toBe('WAITING');
  });

  it('gives no slot to who was not seen for half the grace, keeps the place, and takes them back first', async () => {
    const roomId = await stack.room({ capacity: 0, graceSeconds: 100 });
    const places = await enter(roomId, ids(3));
    const [away, ...others] = places;
    if (!away) throw new Error('a place');
    await advance(51_000);
    await seen(others);
    await stack.services.waitingRoom.rooms.patch(
      roomId,
      1,
      { capacity: 1 },
      {
        name: 'test',
        requestId: 'test',
      },
    );
    await tick(roomId);
    expect((await seen(others)).map((place) => [place.status, place.waitingNumber])).toEqual([
      ['ACTIVE', 0],
      ['WAITING', 1],
    ]);
    const back = await line().look(away);
    expect([back.status, back.seq, back.waitingNumber]).toEqual(['WAITING', away.seq, 1]);
    // Others' numbers did not move for the one who came back.
    expect((await seen(others))[1]?.waitingNumber).toBe(1);
    const [first] = others;
    if (!first) throw new Error('a place');
    await line().leave({ ...first, reason: 'left' });
    expect((await line().look(away)).status).toBe('ACTIVE');
  });

  it('keeps a place for the whole grace after the last contact, as it told, and not for ever', async () => {
    const roomId = await stack.room({ capacity: 0, graceSeconds: 100 });
    const [a, b] = await enter(roomId, ids(2));
    if (!a || !b) throw new Error('two places');
    const now = await clockMs(stack.services.redis);
    const keptMs = (a.placeHeldUntil?.getTime() ?? 0) - now;
    expect(keptMs).toBeGreaterThan(90_000);
    await advance(keptMs - 2_000);
    await stack.services.waitingRoom.admission.sweepStep(roomId, '0');
    expect((await line().look(a)).status).toBe('WAITING');
    await advance(5_000);
    await stack.services.waitingRoom.admission.sweepStep(roomId, '0');
    expect((await line().look(a)).waitingNumber).toBe(1);
    expect((await line().look(b)).status).toBe('EXPIRED');
  });

  it('ends a slot at its deadline, and pushes the deadline over a hold', async () => {
    const roomId = await stack.room({ capacity: 1, slotSeconds: 60 });
    const [a, b] = await enter(roomId, ids(2));
    if (!a || !b) throw new Error('two places');
    await advance(50_000);
    const extended = await line().extend({ ...a, holdMs: 30_000 });
    expect(extended.kind).toBe('extended');
    await advance(20_000);
    await line().look(b);
    await tick(roomId);
    expect((await line().look(a)).status).toBe('ACTIVE');
    await advance(11_000);
    await line().look(b);
    await tick(roomId);
    expect((await line().look(a)).status).toBe('EXPIRED');
    expect((await line().look(b)).status).toBe('ACTIVE');
  });

  it('never lasts longer than slot time plus one hold', async () => {
    const roomId = await stack.room({ capacity: 1, slotSeconds: 60 });
    const [a] = await enter(roomId, ids(1));
    if (!a) throw new Error('a place');
    await advance(59_000);
    expect((await line().extend({ ...a, holdMs: 30_000 })).kind).toBe('extended');
    await advance(10_000);
    expect((await line().extend({ ...a, holdMs: 30_000 })).kind).toBe('refused');
  });

  it('takes an extension back, but not one that was changed since', async () => {
    const roomId = await stack.room({ capacity: 1, slotSeconds: 60 });
    const [a] = await enter(roomId, ids(1));
    if (!a) throw new Error('a place');
    const first = await line().extend({ ...a, holdMs: 300_000 });
    const second = await line().extend({ ...a, holdMs: 400_000 });
    if (first.kind !== 'extended' || second.kind !== 'extended') throw new Error('extended');
    await line().retract({ ...a, fromMs: first.deadlineMs, toMs: first.previousMs });
    expect((await line().place(roomId, 1))?.slotEndsAt?.getTime()).toBe(second.deadlineMs);
    await line().retract({ ...a, fromMs: second.deadlineMs, toMs: first.previousMs });
    expect((await line().place(roomId, 1))?.slotEndsAt?.getTime()).toBe(first.previousMs);
  });

  it('lets a claim window lapse, and who comes late is served first', async () => {
    const roomId = await stack.room({ capacity: 1, graceSeconds: 40, claimSeconds: 1 });
    const [a, b, c] = await enter(roomId, ids(3));
    if (!a || !b || !c) throw new Error('three places');
    await line().leave({ ...a, reason: 'left' });
    // b is called and does not come; the window is a quarter of the grace and five seconds.
    await advance(14_000);
    await seen([c]);
    await advance(2_000);
    await tick(roomId);
    expect((await line().look(c)).status).toBe('ACTIVE');
    expect((await line().look(b)).waitingNumber).toBe(1);
    await line().leave({ ...c, reason: 'left' });
    expect((await line().look(b)).status).toBe('ACTIVE');
  });

  it('admits no more than the rate in any sliding minute', async () => {
    const roomId = await stack.room({ capacity: 1_000, admitPerMinute: 7 });
    const places = await enter(roomId, ids(30));
    expect(places.filter((place) => place.status === 'ACTIVE')).toHaveLength(7);
    await advance(30_000);
    await seen(places);
    expect((await tick(roomId)).called).toHaveLength(0);
    await advance(32_000);
    await seen(places);
    expect((await tick(roomId)).called).toHaveLength(7);
    expect((await tick(roomId)).called).toHaveLength(0);
  });

  it('obeys PAUSED, CLOSED, opensAt, closesAt and waitingMax', async () => {
    const actor = { name: 'test', requestId: 'test' };
    const { rooms } = stack.services.waitingRoom;
    const roomId = await stack.room({ capacity: 1, state: 'PAUSED', waitingMax: 3 });
    const [a] = await enter(roomId, ids(1));
    expect([a?.status, a?.roomState]).toEqual(['WAITING', 'PAUSED']);
    await tick(roomId);
    expect((await enter(roomId, [1]))[0]?.status).toBe('WAITING');
    await enter(roomId, [2, 3]);
    await expect(enter(roomId, [4])).rejects.toMatchObject({ code: 'ROOM_FULL' });
    await rooms.patch(roomId, 1, { state: 'CLOSED' }, actor);
    await expect(enter(roomId, [4])).rejects.toMatchObject({ code: 'ROOM_CLOSED' });
    await rooms.patch(roomId, 2, { state: 'OPEN' }, actor);
    await tick(roomId);
    expect((await enter(roomId, [1]))[0]?.status).toBe('ACTIVE');

    const opensAt = new Date((await clockMs(stack.services.redis)) + 60_000);
    const closesAt = new Date(opensAt.getTime() + 60_000);
    const later = await stack.room({ capacity: 5, opensAt, closesAt });
    const early = await enter(later, ids(2));
    expect(early.map((place) => place.status)).toEqual(['WAITING', 'WAITING']);
    await tick(later);
    expect((await seen(early)).map((place) => place.status)).toEqual(['WAITING', 'WAITING']);
    await advance(61_000);
    await seen(early);
    await tick(later);
    expect((await seen(early)).map((place) => place.status)).toEqual(['ACTIVE', 'ACTIVE']);
    await advance(61_000);
    await expect(enter(later, [9])).rejects.toMatchObject({ code: 'ROOM_CLOSED' });
  });

  it('puts nobody out when the capacity is lowered, and admits nobody until it is met', async () => {
    const actor = { name: 'test', requestId: 'test' };
    const roomId = await stack.room({ capacity: 4 });
    const places = await enter(roomId, ids(6));
    await stack.services.waitingRoom.rooms.patch(roomId, 1, { capacity: 2 }, actor);
    await tick(roomId);
    const active = async () => (await seen(places)).filter((p) => p.status === 'ACTIVE').length;
    expect(await active()).toBe(4);
    const [a, b, c] = places;
    if (!a || !b || !c) throw new Error('three places');
    await line().leave({ ...a, reason: 'left' });
    await line().leave({ ...b, reason: 'left' });
    expect(await active()).toBe(2);
    await line().leave({ ...c, reason: 'left' });
    expect(await active()).toBe(2);
  });

  it('lets people in by hand within the capacity, beyond the rate and through a pause', async () => {
    const roomId = await stack.room({ capacity: 5, state: 'PAUSED', admitPerMinute: 1 });
    await enter(roomId, ids(10));
    const call = (count: number) =>
      stack.api.post(`/admin/rooms/${roomId}/admit`).set(admin).send({ count }).expect(200);
    expect((await call(3)).body).toEqual({ admitted: 3 });
    expect((await call(9)).body).toEqual({ admitted: 2 });
  });

  it('answers polls of 500 people and more in one turn exactly', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const places = await enter(roomId, ids(1_200));
    const looked = await seen(places);
    expect(looked.map((place) => place.waitingNumber).sort((a, b) => a - b)).toEqual(ids(1_200));
  });
});

describe('the line with workers', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ workers: 4 });
  });
  afterAll(() => stack.close());

  it('never has more than capacity active with four workers ticking', async () => {
    const roomId = await stack.room({ capacity: 10, slotSeconds: 1, graceSeconds: 60 });
    const { line } = stack.services.waitingRoom;
    const key = `wr:{${roomId}}:active`;
    let most = 0;
    const watch = setInterval(() => {
      void stack.services.redis.zcard(key).then((count) => {
        most = Math.max(most, count);
      });
    }, 2);
    const places = await Promise.all(
      Array.from({ length: 60 }, (_, nth) => line.enter({ roomId, customerId: nth + 1 })),
    );
    // Slots of a second run out; everybody else keeps polling.
    await eventually(
      async () => {
        const looked = await Promise.all(places.map((place) => line.look(place)));
        expect(looked.every((place) => place.status === 'EXPIRED')).toBe(true);
      },
      { timeoutMs: 50_000, everyMs: 100 },
    );
    clearInterval(watch);
    expect(most).toBe(10);
  });

  it('makes a changed capacity effective without a restart', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const { line } = stack.services.waitingRoom;
    const place = await line.enter({ roomId, customerId: 1 });
    await stack.api
      .patch(`/admin/rooms/${roomId}`)
      .set(admin)
      .set('If-Match', '"1"')
      .send({ capacity: 1 })
      .expect(200);
    await eventually(async () => expect((await line.look(place)).status).toBe('ACTIVE'));
  });

  it('walks the whole journey: enter, poll, reserve, pay, and the next one is let in', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [a, b] = await stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    const first = await stack.activate(roomId, a);
    const { body: second } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: b, concertId })
      .expect(200);
    expect(second).toMatchObject({ status: 'WAITING', watingNumber: 1, roomId });
    await stack.api
      .post('/reservation/reserve')
      .set(first.headers)
      .send({
        reserver: { customerId: a, reserverName: '김' },
        concertId,
        performances: [{ optionId: optionIds[0], seatId: 1 }],
      })
      .expect(200);
    await stack.api
      .post('/reservation/pay')
      .set(first.headers)
      .send({ customerId: a, pay: [{ payMethod: 'POINT', payAmount: 1_000 }] })
      .expect(200);
    await eventually(async () => {
      const { body } = await stack.api
        .get('/customer/waiting')
        .set('Authorization', `Bearer ${second.token}`)
        .expect(200);
      expect(body.status).toBe('ACTIVE');
    });
    const { body: over } = await stack.api.get('/customer/waiting').set(first.headers).expect(200);
    expect(over.status).toBe('EXPIRED');
    const { body: again } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: a, roomId })
      .expect(200);
    expect(again).toMatchObject({ status: 'WAITING', watingNumber: 1 });
    await eventually(async () => {
      const { pending } = await stack.services.outbox.backlog();
      expect(pending).toBe(0);
    });
  });
});
