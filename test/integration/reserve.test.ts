import { admin, type Caller, type Stack, startStack } from '../support/stack.ts';

describe('reserve', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  const reserve = (
    caller: Caller,
    concertId: number,
    seats: { optionId: number; seatId: number }[],
  ) =>
    stack.api
      .post('/reservation/reserve')
      .set(caller.headers)
      .send({
        reserver: { customerId: caller.customerId, reserverName: 'Kim' },
        concertId,
        performances: seats,
      });

  async function buyers(count: number, points?: number) {
    const roomId = await stack.room({ capacity: 1_000 });
    const customers = await stack.customers(count, points);
    const callers = await Promise.all(customers.map((id) => stack.activate(roomId, id)));
    return { roomId, callers };
  }

  it('gives one seat to one of 50 buyers, and tells the other 49 which seat was taken', async () => {
    const { roomId, callers } = await buyers(50);
    const { concertId, optionIds } = await stack.concert({ roomId });
    const seat = { optionId: optionIds[0], seatId: 7 };
    const replies = await Promise.all(callers.map((caller) => reserve(caller, concertId, [seat])));
    const won = replies.filter((reply) => reply.status === 200);
    const lost = replies.filter((reply) => reply.status !== 200);
    expect(won).toHaveLength(1);
    expect(lost).toHaveLength(49);
    for (const { status, body } of lost) {
      expect({ status, code: body.code, seats: body.seats }).toEqual({
        status: 409,
        code: 'ALREADY_TAKEN',
        seats: [seat],
      });
    }
  });

  it('lets Postgres judge when Redis has forgotten every claim', async () => {
    const { roomId, callers } = await buyers(20);
    const { concertId, optionIds } = await stack.concert({ roomId });
    const seat = { optionId: optionIds[0], seatId: 1 };
    const forget = setInterval(() => {
      void stack.services.redis.del(`seat:{${concertId}}:${seat.optionId}:1`);
    }, 1);
    const replies = await Promise.all(callers.map((caller) => reserve(caller, concertId, [seat])));
    clearInterval(forget);
    const codes = replies.map((reply) => (reply.status === 200 ? 'held' : reply.body.code)).sort();
    expect(codes).toEqual([...Array.from({ length: 19 }, () => 'ALREADY_TAKEN'), 'held']);
  });

  it('holds four seats in opposite orders without a deadlock that a user sees, all or none', async () => {
    const { roomId, callers } = await buyers(40);
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 4 });
    const seats = [1, 2, 3, 4].map((seatId) => ({ optionId: optionIds[0], seatId }));
    // Claims out of the way: all forty meet in Postgres.
    const forget = setInterval(() => {
      void stack.services.redis.del(
        ...seats.map((seat) => `seat:{${concertId}}:${seat.optionId}:${seat.seatId}`),
      );
    }, 1);
    const replies = await Promise.all(
      callers.map((caller, nth) =>
        reserve(caller, concertId, nth % 2 === 0 ? seats : [...seats].reverse()),
      ),
    );
    clearInterval(forget);
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    expect(replies.filter((reply) => reply.body.code === 'ALREADY_TAKEN')).toHaveLength(39);
    const rows = await stack.services.db.query<{ reservations: number; tickets: number }>({
      text: `SELECT count(DISTINCT reservation_id) AS reservations, count(*) AS tickets FROM tickets
             WHERE option_id = $1`,
      values: [optionIds[0]],
    });
    expect(rows).toEqual([{ reservations: 1, tickets: 4 }]);
  });

  it('takes none of four seats when one of them is taken, and names that one', async () => {
    const { roomId, callers } = await buyers(3);
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [first, second, third] = callers;
    if (!first || !second || !third) throw new Error('three buyers');
    const seat = (seatId: number) => ({ optionId: optionIds[0], seatId });
    await reserve(first, concertId, [seat(3)]).expect(200);
    const { body } = await reserve(second, concertId, [1, 2, 3, 4].map(seat)).expect(409);
    expect(body.seats).toEqual([seat(3)]);
    await reserve(third, concertId, [1, 2, 4].map(seat)).expect(200);
  });

  it('refuses in the documented order, each with its code', async () => {
    const { roomId, callers } = await buyers(2, 500);
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 5, price: 400 });
    const other = await stack.concert({ roomId });
    const [caller, rich] = callers;
    if (!caller || !rich) throw new Error('two buyers');
    const seat = (seatId: number) => ({ optionId: optionIds[0], seatId });
    const code = async (concert: number, seats: { optionId: number; seatId: number }[]) =>
      (await reserve(caller, concert, seats)).body.code;
    expect(await code(999_999, [seat(1)])).toBe('CONCERT_NOT_FOUND');
    expect(await code(concertId, [{ optionId: other.optionIds[0], seatId: 1 }])).toBe(
      'OPTION_NOT_FOUND',
    );
    expect(await code(concertId, [seat(6)])).toBe('SEAT_NOT_FOUND');
    expect(await code(concertId, [seat(1), seat(1)])).toBe('ILLEGAL_ARGUMENTS');
    expect(await code(concertId, [seat(1), seat(2)])).toBe('OUT_OF_BUDGET');
    // The claims were given back: the seats are free for the next one at once.
    await reserve(rich, concertId, [seat(1)]).expect(200);
    expect(await code(concertId, [seat(1)])).toBe('ALREADY_TAKEN');
    await reserve(caller, concertId, [seat(2)]).expect(200);
    expect(await code(concertId, [seat(3)])).toBe('HOLD_EXISTS');
  });

  it('asks Postgres whether the sale is still open, whatever is remembered of it', async () => {
    const { roomId, callers } = await buyers(3);
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [first, second, third] = callers;
    if (!first || !second || !third) throw new Error('three buyers');
    const seat = (seatId: number) => [{ optionId: optionIds[0], seatId }];
    const change = (text: string) => stack.services.db.query({ text, values: [concertId] });
    // What is remembered of the concert is younger than a second at each of these.
    await reserve(first, concertId, seat(1)).expect(200);
    await change('UPDATE concerts SET sale_end_at = clock_timestamp() WHERE id = $1');
    const late = await reserve(second, concertId, seat(2));
    expect([late.status, late.body.code]).toEqual([409, 'CONCERT_NOT_ON_SALE']);
    await change(
      `UPDATE concerts SET sale_end_at = clock_timestamp() + interval '1 day' WHERE id = $1`,
    );
    stack.services.catalog.concerts.forget(concertId);
    await reserve(second, concertId, seat(2)).expect(200);
    await change('UPDATE options SET perform_at = clock_timestamp() WHERE concert_id = $1');
    const passed = await reserve(third, concertId, seat(3));
    expect([passed.status, passed.body.code]).toEqual([409, 'PERFORMANCE_PASSED']);
  });

  it('counts live tickets of earlier reservations against the limit per performance', async () => {
    const { roomId, callers } = await buyers(1);
    const { concertId, optionIds } = await stack.concert({ roomId, price: 10 });
    const [caller] = callers;
    if (!caller) throw new Error('a buyer');
    const seat = (seatId: number) => ({ optionId: optionIds[0], seatId });
    const held = await reserve(caller, concertId, [1, 2, 3].map(seat)).expect(200);
    await stack.api
      .post('/reservation/pay')
      .set(caller.headers)
      .send({ customerId: caller.customerId, pay: [{ payMethod: 'POINT', payAmount: 30 }] })
      .expect(200);
    expect(held.body.tickets).toHaveLength(3);
    const again = await stack.activate(roomId, caller.customerId);
    const { body } = await reserve(again, concertId, [4, 5].map(seat)).expect(409);
    expect(body.code).toBe('SEAT_LIMIT_EXCEEDED');
    await reserve(again, concertId, [seat(4)]).expect(200);
  });

  it('needs the slot: who waits is told the number, and a place in another room does not count', async () => {
    const roomId = await stack.room({ capacity: 1 });
    const elsewhere = await stack.room({ capacity: 10 });
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [a, b, c] = await stack.customers(3);
    if (!a || !b || !c) throw new Error('three customers');
    await stack.activate(roomId, a);
    const { body: waiting } = await stack.api
      .post('/customer/waiting/enter')
      .send({ customerId: b, roomId })
      .expect(200);
    const caller = {
      customerId: b,
      token: waiting.token,
      headers: { Authorization: `Bearer ${waiting.token}` },
      place: waiting,
    };
    const seats = [{ optionId: optionIds[0], seatId: 1 }];
    const refused = await reserve(caller, concertId, seats).expect(403);
    expect(refused.body).toMatchObject({ code: 'QUEUE_NOT_ACTIVE', waitingNumber: 1 });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const stranger = await stack.activate(elsewhere, c);
    await reserve(stranger, concertId, seats).expect(403);
  });

  it('is taken back on an operator block and free again after it', async () => {
    const { roomId, callers } = await buyers(1);
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [caller] = callers;
    if (!caller) throw new Error('a buyer');
    const blocks = `/admin/concerts/${concertId}/options/${optionIds[0]}/blocks`;
    await stack.api
      .post(blocks)
      .set(admin)
      .send({ seats: [1, 2] })
      .expect(204);
    await stack.api
      .post(blocks)
      .set(admin)
      .send({ seats: [2, 3] })
      .expect(409);
    const seat = [{ optionId: optionIds[0], seatId: 1 }];
    const refused = await reserve(caller, concertId, seat).expect(409);
    expect(refused.body.seats).toEqual(seat);
    const { body } = await stack.api
      .delete(blocks)
      .set(admin)
      .send({ seats: [1, 9] })
      .expect(200);
    expect(body).toEqual({ unblocked: 1 });
    await reserve(caller, concertId, seat).expect(200);
  });
});
