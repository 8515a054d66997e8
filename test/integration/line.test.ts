import { MOVABLE_CLOCK } from '../support/clock.ts';
import { lineHands } from '../support/line-hands.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('the line', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  const { line, tick, advance, enter, seen, ids } = lineHands(() => stack);

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

  it('answers polls of 500 people and more in one turn exactly', async () => {
    const roomId = await stack.room({ capacity: 0 });
    const places = await enter(roomId, ids(1_200));
    const looked = await seen(places);
    expect(looked.map((place) => place.waitingNumber).sort((a, b) => a - b)).toEqual(ids(1_200));
  });
});
