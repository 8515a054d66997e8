import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.ts';
import { type Caller, type Stack, startStack } from '../support/stack.ts';

describe('points and paying', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { HOLD_SECONDS: '2' } });
  });
  afterAll(() => stack.close());

  const pay = (caller: Caller, amount: number, more: object = {}, method = 'POINT') =>
    stack.api
      .post('/reservation/pay')
      .set(caller.headers)
      .send({
        customerId: caller.customerId,
        pay: [{ payMethod: method, payAmount: amount }],
        ...more,
      });
  const charge = (caller: Caller, amount: number, key?: string) => {
    const request = stack.api.post('/customer/point/charge').set(caller.headers);
    if (key !== undefined) request.set('Idempotency-Key', key);
    return request.send({ customerId: caller.customerId, amount });
  };
  const balance = async (caller: Caller) =>
    (
      await stack.api
        .post('/customer/point/balance')
        .set(caller.headers)
        .send({ customerId: caller.customerId })
        .expect(200)
    ).body;

  async function holder(options: { points?: number; price?: number } = {}) {
    const roomId = await stack.room({ capacity: 100 });
    const sale = await stack.concert({ roomId, price: options.price ?? 1_000 });
    const [customerId] = await stack.customers(1, options.points ?? 10_000);
    if (!customerId) throw new Error('a customer');
    const caller = await stack.activate(roomId, customerId);
    const seat = { optionId: sale.optionIds[0], seatId: 1 };
    const hold = () =>
      stack.api
        .post('/reservation/reserve')
        .set(caller.headers)
        .send({
          reserver: { customerId, reserverName: 'Kim' },
          concertId: sale.concertId,
          performances: [seat],
        });
    return { roomId, caller, seat, hold, concertId: sale.concertId };
  }

  it('charges once for 300 parallel charges of 500 under one key, and answers the same to all', async () => {
    const { caller } = await holder({ points: 0 });
    const key = randomUUID();
    const answered = new Map<string, number>();
    const one = async (): Promise<void> => {
      await eventually(async () => {
        const reply = await charge(caller, 500, key);
        if (reply.status === 409) throw new Error(reply.body.code);
        expect(reply.status).toBe(200);
        const answer = JSON.stringify(reply.body);
        answered.set(answer, (answered.get(answer) ?? 0) + 1);
      });
    };
    await Promise.all(Array.from({ length: 300 }, one));
    expect([...answered.values()]).toEqual([300]);
    expect(await balance(caller)).toMatchObject({ balance: 500 });
    const replay = await charge(caller, 500, key).expect(200);
    expect(replay.headers['idempotency-replayed']).toBe('true');
    const reused = await charge(caller, 600, key).expect(422);
    expect(reused.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
  });

  it('pays once for 50 parallel pays of one reservation, and tells the others so', async () => {
    const { caller, hold } = await holder();
    await hold().expect(200);
    const replies = await Promise.all(Array.from({ length: 50 }, () => pay(caller, 1_000)));
    const codes = replies.map((reply) => (reply.status === 200 ? 'paid' : reply.body.code)).sort();
    expect(codes).toEqual([...Array.from({ length: 49 }, () => 'ALREADY_PAID'), 'paid']);
    expect(await balance(caller)).toEqual({
      customerId: caller.customerId,
      balance: 9_000,
      heldAmount: 0,
    });
  });

  it('keeps the hold when the budget is too small or the amount is wrong; a top-up then pays it', async () => {
    const { caller, hold } = await holder({ points: 1_000, price: 1_000 });
    await hold().expect(200);
    // Spent elsewhere since the hold: the balance was only advisory then.
    await stack.services.db.query({
      text: 'UPDATE accounts SET balance = 400 WHERE customer_id = $1',
      values: [caller.customerId],
    });
    expect((await pay(caller, 1_000).expect(402)).body).toMatchObject({
      code: 'OUT_OF_BUDGET',
      message: '포인트 잔액이 부족합니다.',
    });
    expect((await pay(caller, 999).expect(400)).body.code).toBe('PAY_AMOUNT_MISMATCH');
    expect((await pay(caller, 1_000, {}, 'CARD').expect(400)).body.code).toBe(
      'UNSUPPORTED_PAY_METHOD',
    );
    await charge(caller, 600).expect(200);
    const paid = await pay(caller, 1_000).expect(200);
    expect(paid.body).toMatchObject({ balance: 0, tickets: [{ status: 'CONFIRMED', seatId: 1 }] });
  });

  it('frees an unpaid seat at its deadline with every worker stopped, and refuses a late pay', async () => {
    const { roomId, caller, seat, hold, concertId } = await holder();
    const { body: held } = await hold().expect(200);
    const [other] = await stack.customers(1);
    if (!other) throw new Error('another customer');
    const next = await stack.activate(roomId, other);
    const take = () =>
      stack.api
        .post('/reservation/reserve')
        .set(next.headers)
        .send({
          reserver: { customerId: other, reserverName: 'Lee' },
          concertId,
          performances: [seat],
        });
    expect((await take()).body.code).toBe('ALREADY_TAKEN');
    const taken = await eventually(async () => {
      const reply = await take();
      expect(reply.status).toBe(200);
      return { at: Date.now(), body: reply.body };
    });
    // Never early: Postgres' clock and this process' are the same machine's.
    expect(taken.at).toBeGreaterThanOrEqual(Date.parse(held.expiresAt));
    const late = await pay(caller, 1_000, { reservationId: held.reservationId }).expect(410);
    expect(late.body.code).toBe('HOLD_EXPIRED');
    expect(await balance(caller)).toMatchObject({ balance: 10_000 });
  });

  it('does not confirm after the deadline, however long the payment waited for a lock', async () => {
    const { caller, hold } = await holder();
    const { body: held } = await hold().expect(200);
    const client = await stack.services.db.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM reservations WHERE id = $1 FOR UPDATE', [held.reservationId]);
    const paying = pay(caller, 1_000, { reservationId: held.reservationId });
    const answered = paying.then((reply) => reply);
    await eventually(async () => {
      const { rows } = await client.query('SELECT clock_timestamp() > $1 AS over', [
        held.expiresAt,
      ]);
      expect(rows[0].over).toBe(true);
    });
    // The holder of the lock changes nothing: the row is as it was, only the time has passed.
    await client.query('COMMIT');
    client.release();
    expect((await answered).body.code).toBe('HOLD_EXPIRED');
    expect(await balance(caller)).toMatchObject({ balance: 10_000 });
  });

  it('cancels a live hold once, frees its seat at once, and keeps a paid one', async () => {
    const { caller, hold } = await holder();
    const { body: held } = await hold().expect(200);
    const path = `/reservation/${held.reservationId}`;
    await stack.api.delete(path).set(caller.headers).expect(204);
    await stack.api.delete(path).set(caller.headers).expect(204);
    expect((await pay(caller, 1_000)).body.code).toBe('RESERVATION_STATE_CONFLICT');
    const { body: again } = await hold().expect(200);
    await pay(caller, 1_000).expect(200);
    const paid = `/reservation/${again.reservationId}`;
    const refused = await stack.api.delete(paid).set(caller.headers).expect(409);
    expect(refused.body.code).toBe('RESERVATION_STATE_CONFLICT');
  });

  it('refunds a paid reservation whole and once', async () => {
    const { caller, hold } = await holder();
    const { body: held } = await hold().expect(200);
    await pay(caller, 1_000).expect(200);
    const refund = () =>
      stack.api.post(`/reservation/${held.reservationId}/refund`).set(caller.headers).send({});
    const replies = await Promise.all(Array.from({ length: 10 }, refund));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    expect(replies.filter((r) => r.body.code === 'RESERVATION_STATE_CONFLICT')).toHaveLength(9);
    expect(await balance(caller)).toMatchObject({ balance: 10_000 });
    const [ticket] = held.tickets;
    const rows = await stack.services.db.query<{ live: boolean }>({
      text: 'SELECT live FROM tickets WHERE id = $1',
      values: [ticket.ticketId],
    });
    expect(rows).toEqual([{ live: false }]);
  });

  it('keeps a lasting refusal under its key, and forgets one that a top-up mends', async () => {
    const { caller, hold } = await holder({ points: 1_000 });
    await hold().expect(200);
    const keyed = (amount: number, key: string, method = 'POINT') =>
      pay(caller, amount, {}, method).set('Idempotency-Key', key);
    const first = await keyed(1_000, 'card', 'CARD').expect(400);
    const replay = await keyed(1_000, 'card', 'CARD').expect(400);
    expect([first.body.code, replay.headers['idempotency-replayed']]).toEqual([
      'UNSUPPORTED_PAY_METHOD',
      'true',
    ]);
    await stack.services.db.query({
      text: 'UPDATE accounts SET balance = 400 WHERE customer_id = $1',
      values: [caller.customerId],
    });
    await keyed(1_000, 'mine').expect(402);
    await charge(caller, 600).expect(200);
    await keyed(1_000, 'mine').expect(200);
    const { headers, body } = await keyed(1_000, 'mine').expect(200);
    expect([headers['idempotency-replayed'], body.balance]).toEqual(['true', 0]);
  });

  it('keeps every balance the sum of its transfers', async () => {
    const { caller, hold } = await holder();
    await hold().expect(200);
    await Promise.all([pay(caller, 1_000), charge(caller, 50), charge(caller, 70)]);
    const { body } = await stack.api.get('/customer/point/history').set(caller.headers).expect(200);
    const sum = body.items.reduce(
      (total: number, item: { amount: number }) => total + item.amount,
      0,
    );
    expect(await balance(caller)).toMatchObject({ balance: sum });
  });
});
