import { admin } from '../support/stack.ts';
import type { Contract } from './harness.ts';

/** Holding, paying, giving back. */
export function reservationContract(contract: Contract): void {
  const { ok, refused, reserve, pay, sale } = contract;

  it("serves the seed's reservation calls", async () => {
    const { concertId, optionId, caller, roomId } = await sale({ price: 1_000 });
    const seats = [
      { optionId, seatId: 1 },
      { optionId, seatId: 2 },
    ];
    const { body: held } = await ok(reserve(caller, concertId, seats));
    expect(held.tickets[0]).toEqual({
      ticketId: expect.any(Number),
      reserverName: '김철수',
      concertId,
      concertName: 'A concert',
      optionId,
      optionName: 'Night 1',
      performAt: expect.any(String),
      optionPrice: 1_000,
      status: 'HELD',
      seatId: 1,
      reservedAt: expect.any(String),
    });
    expect(held).toMatchObject({ total: 2_000, remainingTime: expect.any(Number) });
    const exists = await refused(
      'HOLD_EXISTS',
      reserve(caller, concertId, [{ optionId, seatId: 3 }]),
    );
    expect(exists.body.reservationId).toBe(held.reservationId);
    await refused('PAY_AMOUNT_MISMATCH', pay(caller, 1_000));
    await refused('UNSUPPORTED_PAY_METHOD', {
      ...pay(caller, 2_000),
      body: { customerId: caller.customerId, pay: [{ payMethod: 'CARD', payAmount: 2_000 }] },
    });
    const mine = await ok({
      method: 'get',
      path: '/reservation?status=HELD',
      headers: caller.headers,
    });
    expect(mine.body.items).toHaveLength(1);
    const one = `/reservation/${held.reservationId}`;
    await ok({ method: 'get', path: one, headers: caller.headers });
    const { body: paid } = await ok(pay(caller, 2_000));
    expect(Object.keys(paid).sort()).toEqual(
      ['customerId', 'tickets', 'pay', 'paymentId', 'reservationId', 'balance'].sort(),
    );
    expect(paid.pay).toEqual([{ payMethod: 'POINT', payAmount: 2_000 }]);
    await refused('ALREADY_PAID', pay(caller, 2_000));
    await refused('RESERVATION_STATE_CONFLICT', {
      method: 'delete',
      path: one,
      headers: caller.headers,
    });
    await refused('QUEUE_NOT_ACTIVE', reserve(caller, concertId, [{ optionId, seatId: 3 }]));
    const again = await contract.stack.activate(roomId, caller.customerId);
    await refused(
      'SEAT_LIMIT_EXCEEDED',
      reserve(
        again,
        concertId,
        [3, 4, 5].map((seatId) => ({ optionId, seatId })),
      ),
    );
    await refused('SEAT_NOT_FOUND', reserve(again, concertId, [{ optionId, seatId: 51 }]));
    await refused(
      'OPTION_NOT_FOUND',
      reserve(again, concertId, [{ optionId: 999_999, seatId: 1 }]),
    );
    const taken = await refused('ALREADY_TAKEN', reserve(again, concertId, seats));
    expect(taken.body).toMatchObject({ message: '이미 선점된 좌석입니다.', seats });
    const cancelled = await ok(reserve(again, concertId, [{ optionId, seatId: 9 }]));
    await ok({
      method: 'delete',
      path: `/reservation/${cancelled.body.reservationId}`,
      headers: again.headers,
    });
    const refunded = await ok({
      method: 'post',
      path: `${one}/refund`,
      headers: again.headers,
      body: {},
    });
    expect(refunded.body).toMatchObject({ status: 'REFUNDED', refunded: 2_000 });
    await refused('RESERVATION_NOT_FOUND', {
      method: 'get',
      path: '/reservation/999999',
      headers: again.headers,
    });
  });

  it('says when there is no money, no sale, no performance or no time', async () => {
    const poor = await sale({ price: 1_000, points: 10 });
    const budget = await refused(
      'OUT_OF_BUDGET',
      reserve(poor.caller, poor.concertId, [{ optionId: poor.optionId, seatId: 1 }]),
    );
    expect(budget.body.message).toBe('포인트 잔액이 부족합니다.');

    const late = await sale();
    const seat = [{ optionId: late.optionId, seatId: 1 }];
    const { body: held } = await ok(reserve(late.caller, late.concertId, seat));
    await contract.stack.services.db.query({
      text: `UPDATE reservations SET expires_at = clock_timestamp() WHERE id = $1`,
      values: [held.reservationId],
    });
    await refused('HOLD_EXPIRED', pay(late.caller, 1_000));
    const option = `/admin/concerts/${late.concertId}/options/${late.optionId}`;
    await ok({
      method: 'patch',
      path: option,
      headers: admin,
      body: { performAt: '2020-01-01T00:00:00Z' },
    });
    await refused('PERFORMANCE_PASSED', reserve(late.caller, late.concertId, seat));
    await ok({
      method: 'patch',
      path: `/admin/concerts/${late.concertId}`,
      headers: admin,
      body: { saleBeginAt: '2020-01-01T00:00:00Z', saleEndAt: '2020-01-02T00:00:00Z' },
    });
    await refused('CONCERT_NOT_ON_SALE', reserve(late.caller, late.concertId, seat));
  });
}
