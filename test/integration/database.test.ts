import { asUnavailable } from '../../src/platform/database-errors.ts';
import { AppError } from '../../src/platform/errors.ts';
import { expireBlockersStatement, holdStatement } from '../../src/reservations/transitions.ts';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('a transaction', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack.close());

  const balance = async (customerId: number): Promise<unknown> => {
    const [row] = await stack.services.db.query<{ balance: number }>({
      text: 'SELECT balance FROM accounts WHERE customer_id = $1',
      values: [customerId],
    });
    return row?.balance;
  };
  const add = (customerId: number, amount: number) => ({
    text: 'UPDATE accounts SET balance = balance + $2 WHERE customer_id = $1',
    values: [customerId, amount],
  });
  const customer = async (): Promise<number> => {
    const [one] = await stack.customers(1, 100);
    if (one === undefined) throw new Error('a customer');
    return one;
  };

  it('keeps nothing when a statement of the batch that commits fails', async () => {
    const one = await customer();
    const failing = stack.services.db.transaction((tx) =>
      tx.commitWith([add(one, 1), { text: 'SELECT 1 / 0' }, add(one, 2)]),
    );
    await expect(failing).rejects.toThrow('division by zero');
    expect(await balance(one)).toBe(100);
  });

  it('keeps nothing when the work throws, and leaves the connection fit for the next', async () => {
    const one = await customer();
    await expect(
      stack.services.db.transaction(async (tx) => {
        await tx.batch([add(one, 1)]);
        throw new AppError('OUT_OF_BUDGET');
      }),
    ).rejects.toMatchObject({ code: 'OUT_OF_BUDGET' });
    expect(await balance(one)).toBe(100);
    await stack.services.db.transaction((tx) => tx.batch([add(one, 5)]));
    expect(await balance(one)).toBe(105);
  });

  it('reads why after it was abandoned, and keeps nothing', async () => {
    const one = await customer();
    const seen: unknown[] = [];
    await expect(
      stack.services.db.transaction(async (tx) => {
        await tx.batch([add(one, 1)]);
        const [rows] = await tx.abandon([
          { text: 'SELECT balance FROM accounts WHERE customer_id = $1', values: [one] },
        ]);
        seen.push(rows?.[0].balance);
        throw new AppError('OUT_OF_BUDGET');
      }),
    ).rejects.toMatchObject({ code: 'OUT_OF_BUDGET' });
    expect(seen).toEqual([100]);
  });

  it('whose connection breaks between two trips is an outage for its caller, and for nobody else', async () => {
    const one = await customer();
    const { db } = stack.services;
    const broken = db.transaction(async (tx) => {
      const [rows] = await tx.batch([{ text: 'SELECT pg_backend_pid() AS pid' }, add(one, 1)]);
      await db.query({ text: 'SELECT pg_terminate_backend($1)', values: [rows?.[0].pid] });
      await eventually(async () => {
        const [left] = await db.query<{ count: number }>({
          text: 'SELECT count(*) AS count FROM pg_stat_activity WHERE pid = $1',
          values: [rows?.[0].pid],
        });
        expect(left?.count).toBe(0);
      });
      await tx.batch([add(one, 1)]);
    });
    const error: unknown = await broken.catch((thrown: unknown) => thrown);
    expect(asUnavailable(error)?.code).toBe('UNAVAILABLE');
    expect(await balance(one)).toBe(100);
  });

  it('is run again when two wait for each other, and both take effect once', async () => {
    const [one, two] = await stack.customers(2, 100);
    if (one === undefined || two === undefined) throw new Error('two customers');
    let tries = 0;
    let holders = 0;
    let bothHold: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      bothHold = resolve;
    });
    const crossing = (first: number, second: number) =>
      stack.services.db.transaction(async (tx) => {
        tries += 1;
        await tx.batch([add(first, 1)]);
        holders += 1;
        if (holders === 2) bothHold();
        await held;
        await tx.batch([add(second, 1)]);
      });
    await Promise.all([crossing(one, two), crossing(two, one)]);
    // The one that is run again may meet the other once more.
    expect(tries).toBeGreaterThanOrEqual(3);
    expect([await balance(one), await balance(two)]).toEqual([102, 102]);
  });

  it('never waits in a circle for seats that two customers ask for in opposite orders', async () => {
    const seatsEach = 9;
    const middle = 5;
    const rounds = 3;
    const roomId = await stack.room();
    const { concertId, optionIds } = await stack.concert({ roomId, seats: seatsEach, price: 1 });
    const [first = 0, ...customers] = await stack.customers(7, 100_000);
    const { db } = stack.services;
    const hold = (round: number, customerId: number, seats: number[]) =>
      holdStatement({
        customerId,
        concertId,
        roomId,
        slotSeq: round + 1,
        reserverName: 'Kim',
        claimId: `claim-${round}-${customerId}`,
        optionIds: seats.map(() => optionIds[0] ?? 0),
        seats,
        holdSeconds: 60,
        seatsPerCustomerMax: seatsEach,
      });
    let tries = 0;
    for (let round = 0; round < rounds; round += 1) {
      const seats = Array.from({ length: seatsEach }, (_, nth) => nth + 1);
      // The seat in the middle is taken by somebody undecided: each comes as far as that, from its own side.
      const gate = await db.pool.connect();
      await gate.query('BEGIN');
      const { text, values } = hold(round, first, [middle]);
      await gate.query({ text, values: [...(values ?? [])] });
      const all = customers.map((customerId, nth) =>
        db.transaction(async (tx) => {
          tries += 1;
          const order = nth % 2 === 0 ? seats : [...seats].reverse();
          await tx.commitWith([hold(round, customerId, order)]);
        }),
      );
      await eventually(async () => {
        // Not through the gate: who is connected, a transaction sees as it was when it looked first.
        const [row] = await db.query<{ waiting: number }>({
          text: `SELECT count(*) AS waiting FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted
                 AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())`,
        });
        expect(row?.waiting).toBe(customers.length);
      });
      await gate.query('ROLLBACK');
      gate.release();
      const outcomes = await Promise.allSettled(all);
      expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      await db.query({ text: 'DELETE FROM tickets' });
      await db.query({ text: 'DELETE FROM reservations' });
    }
    // Who waits in a circle is run again.
    expect(tries).toBe(rounds * customers.length);
  });

  it('leaves a hold alone that was paid while its seat was waited for', async () => {
    const roomId = await stack.room();
    const { concertId, optionIds } = await stack.concert({ roomId });
    const buyer = await stack.activate(roomId, await customer());
    await stack.services.db.query({ text: 'UPDATE accounts SET balance = 100000' });
    const { body: hold } = await stack.api
      .post('/reservation/reserve')
      .set(buyer.headers)
      .send({
        reserver: { customerId: buyer.customerId, reserverName: 'Kim' },
        concertId,
        performances: [{ optionId: optionIds[0], seatId: 1 }],
      })
      .expect(200);
    const { pool } = stack.services.db;
    await pool.query(
      `UPDATE reservations SET expires_at = clock_timestamp() - interval '1 s', created_at = clock_timestamp() - interval '2 s' WHERE id = $1`,
      [hold.reservationId],
    );
    const [paying, waiting] = await Promise.all([pool.connect(), pool.connect()]);
    try {
      await paying.query('BEGIN');
      await paying.query(
        `UPDATE reservations SET status = 'CONFIRMED', confirmed_at = clock_timestamp() WHERE id = $1`,
        [hold.reservationId],
      );
      const expired = waiting.query(
        expireBlockersStatement({
          customerId: 0,
          optionIds: [optionIds[0]],
          seats: [1],
        }),
      );
      await eventually(async () => {
        const { rows } = await pool.query(
          `SELECT count(*) AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%due%'`,
        );
        expect(rows[0].waiting).toBe(1);
      });
      await paying.query('COMMIT');
      expect((await expired).rows).toEqual([]);
    } finally {
      paying.release();
      waiting.release();
    }
    const { rows } = await pool.query('SELECT status FROM reservations WHERE id = $1', [
      hold.reservationId,
    ]);
    expect(rows).toEqual([{ status: 'CONFIRMED' }]);
  });
});
