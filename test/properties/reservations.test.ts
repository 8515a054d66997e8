import fc from 'fast-check';
import { codeOf } from '../support/outcome.ts';
import { type Stack, startStack } from '../support/stack.ts';

const BUYERS = 3;
const SEATS = 4;
const PRICE = 100;
const POINTS = 1_000;

type Status = 'HELD' | 'CONFIRMED' | 'EXPIRED' | 'CANCELLED' | 'REFUNDED';

interface ModelReservation {
  id: number;
  buyer: number;
  seats: number[];
  status: Status;
  due: boolean;
}

const buyer = fc.integer({ min: 0, max: BUYERS - 1 });
const act = fc.oneof(
  fc.record({
    kind: fc.constant('reserve' as const),
    buyer,
    seats: fc.uniqueArray(fc.integer({ min: 1, max: SEATS }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constantFrom('pay', 'cancel', 'refund', 'lapse', 'charge'), buyer }),
  fc.record({ kind: fc.constant('tidy' as const), buyer }),
);

/** The real reservations against a model of their states, the seats and the money. */
describe('reservations against their model', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  it('allow the listed transitions only, sell no seat twice, and move money exactly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
        const { reservations, points, waitingRoom, db } = stack.services;
        const roomId = await stack.room({ capacity: 100 });
        const { concertId, optionIds } = await stack.concert({
          roomId,
          seats: SEATS,
          price: PRICE,
        });
        const customers = await stack.customers(BUYERS, POINTS);
        const balances = customers.map(() => POINTS);
        const all: ModelReservation[] = [];

        const live = (one: ModelReservation) =>
          one.status === 'CONFIRMED' || (one.status === 'HELD' && !one.due);
        const latest = (who: number) => {
          const mine = all.filter((one) => one.buyer === who);
          return mine.find((one) => one.status === 'HELD') ?? mine.at(-1);
        };
        const tidy = (who: number, seats: number[]): void => {
          for (const one of all) {
            const inTheWay = one.buyer === who || one.seats.some((seat) => seats.includes(seat));
            if (one.status === 'HELD' && one.due && inTheWay) one.status = 'EXPIRED';
          }
        };

        for (const step of acts) {
          const customerId = customers[step.buyer] ?? 0;
          const balance = balances[step.buyer] ?? 0;
          const found = latest(step.buyer);
          if (step.kind === 'reserve') {
            const place = await waitingRoom.line.enter({ roomId, customerId });
            const total = step.seats.length * PRICE;
            const owned = all
              .filter((one) => one.buyer === step.buyer && live(one))
              .reduce((sum, one) => sum + one.seats.length, 0);
            const blocked = all.some(
              (one) => live(one) && one.seats.some((seat) => step.seats.includes(seat)),
            );
            const holds = all.some(
              (one) => one.buyer === step.buyer && one.status === 'HELD' && !one.due,
            );
            const made = reservations.reserve({
              customerId,
              reserverName: 'Kim',
              slot: { roomId, seq: place.seq },
              concertId,
              performances: step.seats.map((seatId) => ({ optionId: optionIds[0], seatId })),
            });
            const code = await codeOf(made);
            if (code === 'ok') {
              expect([blocked, holds, owned + step.seats.length <= 4, total <= balance]).toEqual([
                false,
                false,
                true,
                true,
              ]);
              tidy(step.buyer, step.seats);
              all.push({
                id: (await made).value.reservationId,
                buyer: step.buyer,
                seats: step.seats,
                status: 'HELD',
                due: false,
              });
            } else {
              const reasons = [
                blocked && 'ALREADY_TAKEN',
                holds && 'HOLD_EXISTS',
                owned + step.seats.length > 4 && 'SEAT_LIMIT_EXCEEDED',
                total > balance && 'OUT_OF_BUDGET',
              ];
              expect(reasons).toContain(code);
            }
          } else if (step.kind === 'pay') {
            const total = (found?.seats.length ?? 1) * PRICE;
            const pay = [{ payMethod: 'POINT', payAmount: total }];
            const code = await codeOf(reservations.pay({ customerId, pay }));
            if (!found) expect(code).toBe('RESERVATION_NOT_FOUND');
            else if (found.status === 'CONFIRMED') expect(code).toBe('ALREADY_PAID');
            else if (found.status === 'EXPIRED' || found.due) expect(code).toBe('HOLD_EXPIRED');
            else if (found.status !== 'HELD') expect(code).toBe('RESERVATION_STATE_CONFLICT');
            else if (balance < total) expect(code).toBe('OUT_OF_BUDGET');
            else {
              expect(code).toBe('ok');
              found.status = 'CONFIRMED';
              balances[step.buyer] = balance - total;
            }
          } else if (step.kind === 'cancel' && found) {
            const code = await codeOf(reservations.cancel({ customerId, reservationId: found.id }));
            const paid = found.status === 'CONFIRMED' || found.status === 'REFUNDED';
            expect(code).toBe(paid ? 'RESERVATION_STATE_CONFLICT' : 'ok');
            if (found.status === 'HELD') found.status = found.due ? 'EXPIRED' : 'CANCELLED';
          } else if (step.kind === 'refund' && found) {
            const code = await codeOf(reservations.refund({ customerId, reservationId: found.id }));
            expect(code).toBe(found.status === 'CONFIRMED' ? 'ok' : 'RESERVATION_STATE_CONFLICT');
            if (found.status === 'CONFIRMED') {
              found.status = 'REFUNDED';
              balances[step.buyer] = balance + found.seats.length * PRICE;
            }
          } else if (step.kind === 'lapse' && found?.status === 'HELD') {
            found.due = true;
            await db.query({
              text: 'UPDATE reservations SET expires_at = clock_timestamp() WHERE id = $1',
              values: [found.id],
            });
            // Claims never outlast their hold.
            const keys = found.seats.map((seat) => `seat:{${concertId}}:${optionIds[0]}:${seat}`);
            await stack.services.redis.del(...keys);
          } else if (step.kind === 'charge') {
            await points.charge({ customerId, amount: 50 });
            balances[step.buyer] = balance + 50;
          } else if (step.kind === 'tidy') {
            await reservations.expireDue(100);
            for (const one of all) if (one.status === 'HELD' && one.due) one.status = 'EXPIRED';
          }
        }

        for (const one of all) {
          const customerId = customers[one.buyer] ?? 0;
          const document = await reservations.get({ customerId, reservationId: one.id });
          const shown = one.status === 'HELD' && one.due ? 'EXPIRED' : one.status;
          expect([one.id, document.status]).toEqual([one.id, shown]);
        }
        for (const [nth, customerId] of customers.entries()) {
          expect((await points.balance(customerId)).balance).toBe(balances[nth]);
        }
      }),
      { numRuns: 25 },
    );
    const checks = await stack.services.invariants.check();
    expect(checks.filter((check) => check.violations > 0 || !check.checked)).toEqual([]);
  });
});
