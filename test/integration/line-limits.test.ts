import { clockMs, MOVABLE_CLOCK } from '../support/clock.ts';
import { lineHands } from '../support/line-hands.ts';
import { admin, type Stack, startStack } from '../support/stack.ts';

describe('the limits of a room', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  const { line, tick, advance, enter, seen, ids } = lineHands(() => stack);

  it('admits no more than the rate in any sliding minute', async () => {
    const roomId = await stack.room({ capacity: 1_000, admitPerMinute: 7 });
    // Three quarters into a minute of the clock, so that half a minute later another one runs.
    await advance((105_000 - ((await clockMs(stack.services.redis)) % 60_000)) % 60_000);
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
});
