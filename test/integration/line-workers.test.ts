import { eventually } from '../support/eventually.ts';
import { admin, type Stack, startStack } from '../support/stack.ts';

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
