import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('an unpaid hold, with a worker running', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { HOLD_SECONDS: '2' }, workers: 1 });
  });
  afterAll(() => stack.close());

  it('lapses at its deadline: state, tickets, claim and seat map, and the seat can be taken', async () => {
    const roomId = await stack.room({ capacity: 10 });
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [a, b] = await stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    const [buyer, next] = await Promise.all([stack.activate(roomId, a), stack.activate(roomId, b)]);
    const reserve = (caller: typeof buyer) =>
      stack.api
        .post('/reservation/reserve')
        .set(caller.headers)
        .send({
          reserver: { customerId: caller.customerId, reserverName: 'Kim' },
          concertId,
          performances: [{ optionId: optionIds[0], seatId: 1 }],
        });
    const { body: held } = await reserve(buyer).expect(200);
    const mine = () =>
      stack.api.get(`/reservation/${held.reservationId}`).set(buyer.headers).expect(200);
    expect((await mine()).body.status).toBe('HELD');
    const row = async () => {
      const [found] = await stack.services.db.query<{
        status: string;
        live: number;
        early: boolean;
      }>({
        text: `SELECT r.status, r.ended_at < r.expires_at AS early,
                 (SELECT count(*) FROM tickets t WHERE t.reservation_id = r.id AND t.live) AS live
               FROM reservations r WHERE r.id = $1`,
        values: [held.reservationId],
      });
      return found;
    };
    await eventually(async () => {
      expect(await row()).toEqual({ status: 'EXPIRED', live: 0, early: false });
    });
    expect((await mine()).body).toMatchObject({ status: 'EXPIRED', remainingTime: 0 });
    const map = `/concerts/${concertId}/options/${optionIds[0]}`;
    await eventually(async () => {
      expect((await stack.api.get(map).expect(200)).body.seats).toContain(1);
    });
    await reserve(next).expect(200);
  });

  it('gives back every reservation of a cancelled performance, paid or held, once', async () => {
    const roomId = await stack.room({ capacity: 50 });
    const { concertId, optionIds } = await stack.concert({ roomId, price: 100 });
    const [optionId] = optionIds;
    const customers = await stack.customers(20, 1_000);
    await Promise.all(
      customers.map(async (customerId, nth) => {
        const caller = await stack.activate(roomId, customerId);
        await stack.api
          .post('/reservation/reserve')
          .set(caller.headers)
          .send({
            reserver: { customerId, reserverName: 'Kim' },
            concertId,
            performances: [{ optionId, seatId: nth + 1 }],
          })
          .expect(200);
        if (nth % 4 === 0) return;
        await stack.api
          .post('/reservation/pay')
          .set(caller.headers)
          .send({ customerId, pay: [{ payMethod: 'POINT', payAmount: 100 }] })
          .expect(200);
      }),
    );
    const actor = { name: 'test', requestId: 'test' };
    const { reservations } = stack.services;
    await reservations.cancelPerformance({ concertId, optionId, actor });
    await reservations.cancelPerformance({ concertId, optionId, actor });
    await eventually(async () => {
      const { remaining } = await reservations.cancelledPerformance({ concertId, optionId });
      expect(remaining).toBe(0);
    });
    const rows = await stack.services.db.query<{ balance: number; refunds: number }>({
      text: `SELECT min(a.balance) AS balance, (SELECT count(*) FROM transfers WHERE kind = 'REFUND') AS refunds
             FROM accounts a WHERE a.customer_id = ANY($1::bigint[])`,
      values: [customers],
    });
    expect(rows).toEqual([{ balance: 1_000, refunds: 15 }]);
    const checks = await stack.services.invariants.check();
    expect(checks.filter((check) => check.violations > 0 || !check.checked)).toEqual([]);
  });
});
