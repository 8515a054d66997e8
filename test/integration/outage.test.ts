import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type PrivatePostgres, startPrivatePostgres } from '../../src/platform/private-postgres.ts';
import type { PlaceView } from '../../src/waiting-room/places.ts';
import { eventually } from '../support/eventually.ts';
import { type Caller, type Stack, startStack } from '../support/stack.ts';

const reserve = (stack: Stack, caller: Caller, concertId: number, optionId: number) =>
  stack.api
    .post('/reservation/reserve')
    .set(caller.headers)
    .send({
      reserver: { customerId: caller.customerId, reserverName: 'Kim' },
      concertId,
      performances: [{ optionId, seatId: 1 }],
    });
const pay = (stack: Stack, caller: Caller, amount: number) =>
  stack.api
    .post('/reservation/pay')
    .set(caller.headers)
    .send({ customerId: caller.customerId, pay: [{ payMethod: 'POINT', payAmount: amount }] });

describe('Redis is away', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ workers: 1 });
  });
  afterAll(() => stack.close());

  it('fails closed for entering and reserving, still takes payment, and recovers by itself', async () => {
    const roomId = await stack.room({ capacity: 10 });
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [a, b, c] = await stack.customers(3);
    if (!a || !b || !c) throw new Error('three customers');
    const [holder, shopper] = await Promise.all([
      stack.activate(roomId, a),
      stack.activate(roomId, b),
    ]);
    await reserve(stack, holder, concertId, optionIds[0]).expect(200);
    await stack.redis.stop();

    const unavailable = async (request: { status: number; body: { code: string } }) =>
      expect([request.status, request.body.code]).toEqual([503, 'UNAVAILABLE']);
    await eventually(async () => {
      expect((await stack.api.get('/health/ready')).status).toBe(503);
    });
    await stack.api.get('/health/live').expect(200);
    await unavailable(
      await stack.api.post('/customer/waiting/enter').send({ customerId: c, roomId }),
    );
    await unavailable(await stack.api.get('/customer/waiting').set(shopper.headers));
    await unavailable(await reserve(stack, shopper, concertId, optionIds[0]));
    await stack.api.get(`/concerts/${concertId}/options`).expect(200);
    const { body } = await pay(stack, holder, 1_000).expect(200);
    expect(body.tickets[0].status).toBe('CONFIRMED');

    await stack.redis.start();
    await eventually(async () => {
      expect((await stack.api.get('/health/ready')).status).toBe(200);
    });
    await eventually(async () => {
      const reply = await stack.api.get('/customer/waiting').set(shopper.headers);
      expect([reply.status, reply.body.status]).toEqual([200, 'ACTIVE']);
    });
    // The paid slot ends by the outbox, whose first try found no Redis.
    await eventually(async () => {
      const reply = await stack.api.get('/customer/waiting').set(holder.headers);
      expect(reply.body.status).toBe('EXPIRED');
    });
  });

  it('brings everybody back in the old order after Redis forgot everything, and nobody who had ended', async () => {
    const roomId = await stack.room({ capacity: 2, graceSeconds: 20 });
    const { line, history } = stack.services.waitingRoom;
    const customers = await stack.customers(8, 0);
    const places: PlaceView[] = [];
    for (const customerId of customers) places.push(await line.enter({ roomId, customerId }));
    const [active, gone, third] = places;
    if (!active || !gone || !third) throw new Error('places');
    await line.leave({ ...gone, reason: 'left' });
    await history.flush();
    await stack.services.redis.flushall();

    // The last come back first.
    const back = [];
    const last = places.at(-1);
    if (!last) throw new Error('places');
    expect(await line.look(last)).toMatchObject({ status: 'WAITING', recovering: true });
    // Two slots are free, but who comes back first was not first.
    expect(await line.admitByHand(roomId, 2)).toBe(0);
    for (const place of [...places].reverse()) back.push(await line.look(place));
    const live = back.filter((place) => place.seq !== gone.seq);
    expect(live.every((place) => place.recovering && place.waitingNumber === 0)).toBe(true);
    expect(back.find((place) => place.seq === gone.seq)?.status).toBe('EXPIRED');
    await eventually(
      async () => {
        const now = await Promise.all(places.map((place) => line.look(place)));
        expect(now.some((place) => place.recovering)).toBe(false);
        expect(now.filter((place) => place.status === 'ACTIVE')).toHaveLength(2);
      },
      { timeoutMs: 30_000, everyMs: 100 },
    );
    const now = await Promise.all(places.map((place) => line.look(place)));
    expect(now.map((place) => [place.status, place.waitingNumber])).toEqual([
      ['ACTIVE', 0],
      ['EXPIRED', 0],
      ['ACTIVE', 0],
      ['WAITING', 1],
      ['WAITING', 2],
      ['WAITING', 3],
      ['WAITING', 4],
      ['WAITING', 5],
    ]);
  });

  it('lets no more in within a minute than the rate, though Redis forgot who was', async () => {
    const roomId = await stack.room({ capacity: 50, admitPerMinute: 3, graceSeconds: 20 });
    const { line, history, admission } = stack.services.waitingRoom;
    const customers = await stack.customers(4, 0);
    const places: PlaceView[] = [];
    for (const customerId of customers) places.push(await line.enter({ roomId, customerId }));
    expect(places.map((place) => place.status)).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE', 'WAITING']);
    const [, , , last] = places;
    if (!last) throw new Error('four places');
    await history.flush();
    await stack.services.redis.flushall();
    await eventually(
      async () =>
        expect(await line.look(last)).toMatchObject({ recovering: false, waitingNumber: 1 }),
      { timeoutMs: 30_000, everyMs: 100 },
    );
    expect((await admission.tick(roomId)).called).toEqual([]);
    expect(await line.look(last)).toMatchObject({ status: 'WAITING' });
  });
});

describe('Postgres is away', () => {
  let stack: Stack;
  let postgres: PrivatePostgres;
  let port: number;
  const dir = () => join(mkdtempSync(join(process.env['TEST_DIR'] ?? '/tmp', 'pg-')), 'data');
  let folder: string;
  const start = (onPort?: number) =>
    startPrivatePostgres({
      dir: folder,
      password: 'test',
      settings: ['fsync=off'],
      say: () => undefined,
      ...(onPort === undefined ? {} : { port: onPort }),
    });
  beforeAll(async () => {
    folder = dir();
    postgres = await start();
    port = Number(new URL(postgres.url).port);
    execFileSync(process.execPath, ['dist/scripts/migrate.js'], {
      env: { ...process.env, DATABASE_URL: postgres.url },
    });
    stack = await startStack({ databaseUrl: postgres.url, workers: 1 });
  });
  afterAll(async () => {
    await stack.close();
    await postgres.stop();
  });

  it('goes on answering polls, refuses what needs a judge, and recovers by itself', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [a, b] = await stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    const buyer = await stack.activate(roomId, a);
    const { body: waiting } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: b, roomId })
      .expect(200);
    await postgres.stop();
    const poll = await stack.api
      .get('/customer/waiting')
      .set('Authorization', `Bearer ${waiting.token}`)
      .expect(200);
    expect(poll.body.watingNumber).toBe(1);
    const refused = await reserve(stack, buyer, concertId, optionIds[0]);
    expect([refused.status, refused.body.code]).toEqual([503, 'UNAVAILABLE']);
    expect((await pay(stack, buyer, 1_000)).body.code).toBe('UNAVAILABLE');
    await stack.api.get('/health/ready').expect(503);

    postgres = await start(port);
    await eventually(async () => {
      expect((await stack.api.get('/health/ready')).status).toBe(200);
    });
    await eventually(async () => {
      expect((await reserve(stack, buyer, concertId, optionIds[0])).status).toBe(200);
    });
    await pay(stack, buyer, 1_000).expect(200);
  });
});
