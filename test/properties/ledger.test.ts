import fc from 'fast-check';
import { AppError } from '../../src/platform/errors.ts';
import { codeOf } from '../support/outcome.ts';
import { type Stack, startStack } from '../support/stack.ts';

const BUYERS = 3;
const PRICE = 70;
const POINTS = 150;

type Op =
  | { kind: 'charge'; buyer: number; amount: number; key: number }
  | { kind: 'pay' | 'refund'; buyer: number };

const buyer = fc.integer({ min: 0, max: BUYERS - 1 });
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({
    kind: fc.constant('charge' as const),
    buyer,
    amount: fc.constantFrom(10, 40, 90),
    key: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({ kind: fc.constantFrom('pay' as const, 'refund' as const), buyer }),
);

interface Movement {
  id: number;
  kind: string;
  amount: number;
  balance: number;
}

/** Many calls at a time, several with the same key, against a ledger that is only added up. */
describe('the ledger and its keys against their model', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  const movements = (customerId: number) =>
    stack.services.db.query<Movement>({
      text: `SELECT t.id, t.kind, CASE WHEN t.to_account_id = a.id THEN t.amount ELSE -t.amount END AS amount,
               t.balance_after AS balance
             FROM accounts a JOIN transfers t ON a.id IN (t.from_account_id, t.to_account_id)
             WHERE a.customer_id = $1 ORDER BY t.id`,
      values: [customerId],
    });

  async function sale() {
    const { waitingRoom } = stack.services;
    const roomId = await stack.room({ capacity: 100 });
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 50, price: PRICE });
    const customers = await stack.customers(BUYERS, POINTS);
    let seatId = 0;
    /** A new hold, unless there is one or no money for it. */
    const hold = async (customerId: number): Promise<void> => {
      const place = await waitingRoom.line.enter({ roomId, customerId });
      seatId += 1;
      await codeOf(
        stack.services.reservations.reserve({
          customerId,
          reserverName: 'Kim',
          slot: { roomId, seq: place.seq },
          concertId,
          performances: [{ optionId: optionIds[0], seatId }],
        }),
      );
    };
    return { customers, hold };
  }

  it('move each point once, in one order, and never below zero, however calls and retries meet', async () => {
    const rounds = fc.array(fc.array(op, { minLength: 2, maxLength: 8 }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(rounds, async (batches) => {
        const { reservations, points } = stack.services;
        const { customers, hold } = await sale();
        /** customer:key → what it was first answered. */
        const answers = new Map<string, { hash: string; transferId: number }>();
        const paid = new Map<number, number[]>();
        const given = { pay: 0, refund: 0 };

        async function run(one: Op): Promise<void> {
          const customerId = customers[one.buyer] ?? 0;
          if (one.kind === 'charge') {
            const { amount } = one;
            const idempotency = { key: `key-${one.key}`, hash: String(amount) };
            const id = `${customerId}:${one.key}`;
            try {
              const { value } = await points.charge({ customerId, amount, idempotency });
              const first = answers.get(id) ?? {
                hash: idempotency.hash,
                transferId: value.transferId,
              };
              answers.set(id, first);
              expect([first.hash, first.transferId]).toEqual([idempotency.hash, value.transferId]);
            } catch (error) {
              if (!(error instanceof AppError)) throw error;
              expect(['IDEMPOTENCY_IN_PROGRESS', 'IDEMPOTENCY_KEY_REUSED']).toContain(error.code);
            }
          } else if (one.kind === 'pay') {
            const pay = [{ payMethod: 'POINT', payAmount: PRICE }];
            const work = reservations.pay({ customerId, pay }).then(({ value }) => {
              paid.set(customerId, [...(paid.get(customerId) ?? []), value.reservationId]);
            });
            if ((await codeOf(work)) === 'ok') given.pay += 1;
          } else {
            const [reservationId] = paid.get(customerId) ?? [];
            if (reservationId === undefined) return;
            if ((await codeOf(reservations.refund({ customerId, reservationId }))) === 'ok') {
              given.refund += 1;
              paid.set(
                customerId,
                (paid.get(customerId) ?? []).filter((id) => id !== reservationId),
              );
            }
          }
        }

        for (const batch of batches) {
          for (const customerId of customers) await hold(customerId);
          await Promise.all(batch.map(run));
        }
        const all: Movement[] = [];
        for (const customerId of customers) {
          const mine = await movements(customerId);
          all.push(...mine);
          let balance = 0;
          for (const one of mine) {
            balance += one.amount;
            expect([one.id, one.balance]).toEqual([one.id, balance]);
            expect(balance).toBeGreaterThanOrEqual(0);
          }
          expect((await points.balance(customerId)).balance).toBe(balance);
        }
        const ids = (kind: string) => all.filter((one) => one.kind === kind).map((one) => one.id);
        expect(ids('CHARGE').sort()).toEqual(
          [...answers.values()].map((answer) => answer.transferId).sort(),
        );
        expect([ids('PAY').length, ids('REFUND').length]).toEqual([given.pay, given.refund]);
      }),
      { numRuns: 15 },
    );
    const checks = await stack.services.invariants.check();
    expect(checks.filter((check) => check.violations > 0 || !check.checked)).toEqual([]);
  });
});
