import { eventually } from '../support/eventually.ts';
import { ACTOR, type Stack, startStack } from '../support/stack.ts';

describe('what a room says of itself', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  const line = () => stack.services.waitingRoom.line;

  it('holds promised waits against real ones, and publishes the share kept, in stats and metrics', async () => {
    const roomId = await stack.room({ capacity: 1, state: 'OPEN' });
    const places = await Promise.all(
      [1, 2, 3].map((customerId) => line().enter({ roomId, customerId })),
    );
    expect(places.map((place) => place.status)).toEqual(['ACTIVE', 'WAITING', 'WAITING']);
    // Ten were promised a minute and called; nine of them within it.
    const now = Date.now();
    const { db } = stack.services;
    const text = "UPDATE rooms SET updated_at = updated_at - interval '1 hour' WHERE id = $1";
    await db.query({ text, values: [roomId] });
    await stack.services.waitingRoom.history.write(
      Array.from({ length: 10 }, (_, nth) => {
        const place = { roomId, customerId: 100 + nth, seq: 1_000 + nth };
        const waitedMs = nth === 0 ? 61_000 : 30_000 + nth;
        return [
          {
            ...{ ...place, kind: 'ENTERED' as const, at: new Date(now - waitedMs) },
            eta: { p50: 40, p90: 60 },
          },
          { ...place, kind: 'CALLED' as const, at: new Date(now) },
        ];
      }).flat(),
    );
    const stats = await stack.services.waitingRoom.stats.read(roomId);
    expect(stats).toMatchObject({ waiting: 2, active: 1, capacity: 1, etaCoverage: 0.9 });
    const { text: metrics } = await stack.api.get('/metrics').expect(200);
    for (const sample of [
      `foyer_room_people{room="${roomId}",state="waiting"} 2`,
      `foyer_room_people{room="${roomId}",state="active"} 1`,
      `foyer_room_capacity{room="${roomId}"} 1`,
      `foyer_room_eta_coverage{room="${roomId}"} 0.9`,
      `foyer_room_recovering{room="${roomId}"} 0`,
    ]) {
      expect(metrics.split('\n')).toContain(sample);
    }
    // Nothing was measured yet: no wait is promised, and none is shown.
    expect(metrics).not.toContain('foyer_room_eta_seconds{');
    // Promises were made under the settings of their time; a change of them leaves nothing to hold.
    await stack.services.waitingRoom.rooms.patch(roomId, 1, { capacity: 2 }, ACTOR);
    await eventually(async () => {
      expect((await stack.services.waitingRoom.stats.read(roomId)).etaCoverage).toBeNull();
    });
  });

  it('promises no wait that it cannot know, and says why', async () => {
    const roomId = await stack.room({ capacity: 0, graceSeconds: 20 });
    const place = await line().enter({ roomId, customerId: 1 });
    const reason = async () => {
      const { eta, etaReason } = await line().look(place);
      return [eta, etaReason];
    };
    expect(await reason()).toEqual([null, 'unknown']);
    const { rooms } = stack.services.waitingRoom;
    await rooms.patch(roomId, 1, { state: 'PAUSED' }, ACTOR);
    expect(await reason()).toEqual([null, 'paused']);
    const opensAt = new Date(Date.now() + 3_600_000);
    await rooms.patch(roomId, 2, { state: 'OPEN', opensAt }, ACTOR);
    expect(await reason()).toEqual([null, 'not open yet']);
    await stack.services.redis.flushall();
    expect(await reason()).toEqual([null, 'recovering']);
    expect((await line().look(place)).recovering).toBe(true);
  });

  it('answers who polls earlier than told truly, and who polls far too often with 429', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const [a, b] = await stack.customers(2, 0);
    if (!a || !b) throw new Error('two customers');
    const holder = await stack.activate(roomId, a);
    const { body } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: b, roomId });
    const poll = () =>
      stack.api.get('/customer/waiting').set('Authorization', `Bearer ${body.token}`);
    // Between two polls that come at once, much earlier than told, everything is as it is.
    expect(body.pollAfterMs).toBeGreaterThanOrEqual(900);
    expect((await poll()).body).toMatchObject({ status: 'WAITING', waitingNumber: 1 });
    await stack.api.delete('/customer/waiting').set(holder.headers).expect(204);
    expect((await poll()).body).toMatchObject({ status: 'ACTIVE', waitingNumber: 0 });
    const answers = await Promise.all(Array.from({ length: 1_200 }, () => poll()));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer.body.code).toBe('RATE_LIMITED');
      expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    // Others are not made to wait for it.
    await stack.api.post('/customer/waiting/check').set(holder.headers).send({ customerId: a });
    const calm = await stack.api.get('/customer/waiting').set(holder.headers);
    expect([calm.status, calm.body.status]).toEqual([200, 'EXPIRED']);
  });
});
