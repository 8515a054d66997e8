import { ROOM_DEFAULTS } from '../../src/waiting-room/rooms.ts';
import { createRoomJobs, type RoomJobs } from '../../src/workers/room-jobs.ts';
import { eventually } from '../support/eventually.ts';
import { callsSince, redisCalls } from '../support/redis-calls.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('the upkeep of rooms', () => {
  let stack: Stack;
  let jobs: RoomJobs;
  beforeAll(async () => {
    stack = await startStack();
    jobs = createRoomJobs(stack.services);
  });
  afterAll(async () => {
    jobs.stop();
    await stack.close();
  });

  const line = () => stack.services.waitingRoom.line;
  const calls = () => redisCalls(stack.services.redis);

  it('gives a slot that runs out to the next in line when it does, without a further tick', async () => {
    const roomId = await stack.room({ capacity: 1, slotSeconds: 1 });
    const [first, second, third] = await Promise.all(
      [1, 2, 3].map((customerId) => line().enter({ roomId, customerId })),
    );
    if (!first || !second || !third) throw new Error('three places');
    await jobs.tickRooms();
    const status = async (place: typeof first) => (await line().look(place)).status;
    await eventually(async () => expect(await status(second)).toBe('ACTIVE'));
    // Somebody who claims a slot gives it an end; the tick after that waits for it.
    await jobs.tickRooms();
    await eventually(async () => expect(await status(third)).toBe('ACTIVE'));
    const events = await stack.services.db.query<{ idle: number }>({
      text: `SELECT (extract(epoch FROM c.at - l.at) * 1000)::int AS idle
             FROM room_events c JOIN room_events l ON l.room_id = c.room_id AND l.kind = 'LAPSED'
             WHERE c.room_id = $1 AND c.kind = 'CALLED' AND c.customer_id = l.customer_id + 1`,
      values: [roomId],
    });
    // The call that ends a slot is the one that gives it on.
    for (const { idle } of events) expect(idle).toBe(0);
    await line().leave({ ...third, reason: 'left' });
  });

  it('costs nothing for a thousand idle rooms: no script, and two commands each in the slow walk', async () => {
    const { db, redis } = stack.services;
    await db.prisma.room.createMany({
      data: Array.from({ length: 1_000 }, (_, nth) => ({
        ...ROOM_DEFAULTS,
        ...{ id: `idle-${nth}`, name: `idle ${nth}` },
      })),
    });
    await jobs.walkRooms();
    const rooms = (await stack.services.waitingRoom.rooms.list()).length;
    await redis.del('wr:busy');

    const start = await calls();
    for (let nth = 0; nth < 10; nth += 1) await jobs.tickRooms();
    for (let nth = 0; nth < 2; nth += 1) await jobs.keepRooms();
    const ticked = await calls();
    expect(callsSince(start, ticked)).toEqual({ zremrangebyscore: 12, zrange: 12 });

    await jobs.walkRooms();
    expect(callsSince(ticked, await calls())).toEqual({ exists: rooms, hget: rooms });
  });

  it('finds in the slow walk who waits in a room that is on no list, and rooms that Redis does not know', async () => {
    const { redis } = stack.services;
    const [alone, unknown] = [await stack.room({ capacity: 1 }), await stack.room()];
    await line().enter({ roomId: alone, customerId: 1 });
    const second = await line().enter({ roomId: alone, customerId: 2 });
    await redis.del('wr:busy');
    await redis.del(`wr:{${alone}}:active`, `wr:{${unknown}}:settings`);
    await redis.hdel(`wr:{${alone}}:places`, '1');
    await jobs.walkRooms();
    expect((await line().look(second)).status).toBe('ACTIVE');
    expect(await redis.exists(`wr:{${unknown}}:settings`)).toBe(1);
  });

  it('ends a slot without a record as it does the others, whose places stay whole', async () => {
    const { redis, waitingRoom } = stack.services;
    const roomId = await stack.room({ capacity: 2 });
    const first = await line().enter({ roomId, customerId: 1 });
    const active = `wr:{${roomId}}:active`;
    await redis.zadd(active, 1, '1', 2, '99');
    expect((await waitingRoom.admission.tick(roomId)).active).toBe(0);
    expect(await redis.zcard(active)).toBe(0);
    expect((await line().look(first)).status).toBe('EXPIRED');
  });

  it('brings a change of settings into Redis that the API could not, once', async () => {
    const { db, redis } = stack.services;
    const roomId = await stack.room({ capacity: 5 });
    await jobs.applySettings();
    const capacity = () => redis.hget(`wr:{${roomId}}:settings`, 'capacity');
    await db.prisma.room.update({
      where: { id: roomId },
      data: { capacity: 7, version: { increment: 1 } },
    });
    await jobs.applySettings();
    expect(await capacity()).toBe('7');
    const before = await calls();
    await jobs.applySettings();
    expect(callsSince(before, await calls())).toEqual({});
  });

  it('costs a tick only the rooms with people in them', async () => {
    await stack.services.redis.del('wr:busy');
    await Promise.all(
      [1, 2, 3].map((nth) => line().enter({ roomId: `idle-${nth}`, customerId: nth })),
    );
    await eventually(async () => {
      expect(await stack.services.redis.zcard('wr:busy')).toBe(3);
    });
    const before = await calls();
    await jobs.tickRooms();
    expect(callsSince(before, await calls())['evalsha']).toBe(3);
  });

  it('loads in the slow walk an empty room that Redis knows from before a restart, with what it rolled back', async () => {
    const { db, redis, waitingRoom } = stack.services;
    const roomId = await stack.room({ capacity: 5 });
    stack.redis.remember();
    const settings = { capacity: 7, version: { increment: 1 } };
    await db.prisma.room.update({ where: { id: roomId }, data: settings });
    await jobs.applySettings();
    await stack.redis.stop({ rewind: true });
    await stack.redis.start();
    const recovering = async () => (await waitingRoom.stats.read(roomId)).recovering;
    await eventually(async () => expect(await recovering()).toBe(true));
    expect(await redis.hget(`wr:{${roomId}}:settings`, 'capacity')).toBe('5');
    await jobs.walkRooms();
    expect(await recovering()).toBe(false);
    expect(await redis.hget(`wr:{${roomId}}:settings`, 'capacity')).toBe('7');
  });
});
