import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { roomKeys } from '../../src/waiting-room/keys.ts';
import { eventually } from '../support/eventually.ts';
import {
  ADMIN_KEY,
  admin,
  type Caller,
  QUEUE_SECRET,
  type Stack,
  startStack,
} from '../support/stack.ts';

const ACTOR = { name: 'test', requestId: 'test' };

describe('giving back', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { HOLD_SECONDS: '60', SEATS_PER_CUSTOMER_MAX: '8' } });
  });
  afterAll(() => stack.close());

  const count = async (text: string, values: unknown[] = []): Promise<unknown> => {
    const [row] = await stack.services.db.query<{ count: number }>({ text, values });
    return row?.count;
  };
  const run = (text: string, values: unknown[] = []) => stack.services.db.query({ text, values });
  const healthy = async () => {
    const checks = await stack.services.invariants.check();
    expect(checks.filter((check) => check.violations > 0 || !check.checked)).toEqual([]);
  };

  async function hold(options: {
    caller: Caller;
    concertId: number;
    seats: { optionId: number; seatId: number }[];
  }) {
    const { caller, concertId, seats } = options;
    const { body } = await stack.api
      .post('/reservation/reserve')
      .set(caller.headers)
      .send({
        reserver: { customerId: caller.customerId, reserverName: 'Kim' },
        concertId,
        performances: seats,
      })
      .expect(200);
    return body;
  }
  const pay = (caller: Caller, payAmount: number) =>
    stack.api
      .post('/reservation/pay')
      .set(caller.headers)
      .send({ customerId: caller.customerId, pay: [{ payMethod: 'POINT', payAmount }] });
  const refund = (caller: Caller, reservationId: number) =>
    stack.api.post(`/reservation/${reservationId}/refund`).set(caller.headers).send({});

  async function buyer(options: { points?: number; price?: number; performances?: number } = {}) {
    const roomId = await stack.room({ capacity: 100 });
    const sale = await stack.concert({
      roomId,
      price: options.price ?? 1_000,
      options: options.performances ?? 1,
    });
    const [customerId] = await stack.customers(1, options.points ?? 10_000);
    if (!customerId) throw new Error('a customer');
    return { roomId, ...sale, caller: await stack.activate(roomId, customerId) };
  }

  it('a reservation of several performances goes back whole, until the first of their policies ends', async () => {
    const { caller, concertId, optionIds } = await buyer({ performances: 2 });
    const [first = 0, second = 0] = optionIds;
    const seats = [
      { optionId: first, seatId: 1 },
      { optionId: second, seatId: 1 },
    ];
    const { reservationId } = await hold({ caller, concertId, seats });
    await pay(caller, 2_000).expect(200);
    await run(`UPDATE options SET refund_until = clock_timestamp() WHERE id = $1`, [second]);
    const refused = await refund(caller, reservationId).expect(409);
    expect(refused.body).toMatchObject({ code: 'RESERVATION_STATE_CONFLICT', status: 409 });
    expect(refused.body.refundUntil).toEqual(expect.any(String));
    await run(
      `UPDATE options SET refund_until = clock_timestamp() + interval '1 min' WHERE id = $1`,
      [second],
    );
    const { body } = await refund(caller, reservationId).expect(200);
    expect(body).toMatchObject({ refunded: 2_000, balance: 10_000, status: 'REFUNDED' });
    await healthy();
  });

  it("is judged by Postgres' clock after the wait for a lock, never by that of the request", async () => {
    const { caller, concertId, optionIds } = await buyer();
    const seats = [{ optionId: optionIds[0], seatId: 1 }];
    const { reservationId } = await hold({ caller, concertId, seats });
    await pay(caller, 1_000).expect(200);
    await run(
      `UPDATE options SET refund_until = clock_timestamp() + interval '1 s' WHERE id = $1`,
      [optionIds[0]],
    );
    const client = await stack.services.db.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM reservations WHERE id = $1 FOR UPDATE', [reservationId]);
    const answered = refund(caller, reservationId).then((reply) => reply);
    await eventually(async () => {
      const { rows } = await client.query(
        'SELECT clock_timestamp() > refund_until AS over FROM options WHERE id = $1',
        [optionIds[0]],
      );
      expect(rows[0].over).toBe(true);
    });
    await client.query('COMMIT');
    client.release();
    expect((await answered).status).toBe(409);
    await healthy();
  });

  it('takes and returns what costs nothing, also of who never had points', async () => {
    const { caller, concertId, optionIds } = await buyer({ points: 0, price: 0 });
    await run('DELETE FROM accounts WHERE customer_id = $1', [caller.customerId]);
    const seats = [{ optionId: optionIds[0], seatId: 1 }];
    const { reservationId } = await hold({ caller, concertId, seats });
    expect((await pay(caller, 0).expect(200)).body.balance).toBe(0);
    const { body } = await refund(caller, reservationId).expect(200);
    expect(body).toMatchObject({ refunded: 0, balance: 0, status: 'REFUNDED' });
    await healthy();
  });

  it('no hold begins in a slot that a payment has ended, though Redis does not know of it yet', async () => {
    const { caller, concertId, optionIds, roomId } = await buyer();
    await hold({ caller, concertId, seats: [{ optionId: optionIds[0], seatId: 1 }] });
    await pay(caller, 1_000).expect(200);
    // Redis forgets that the place has ended, and brings it back.
    const { seq } = JSON.parse(
      Buffer.from(caller.token.split('.')[1] ?? '', 'base64url').toString(),
    );
    const { line, admission } = stack.services.waitingRoom;
    const place = { roomId, customerId: caller.customerId, seq };
    await stack.services.redis.del(roomKeys(roomId).ended);
    expect(await line.look(place)).toMatchObject({ status: 'WAITING' });
    await admission.tick(roomId);
    expect(await line.look(place)).toMatchObject({ status: 'ACTIVE', seq });
    const again = await stack.api
      .post('/reservation/reserve')
      .set(caller.headers)
      .send({
        reserver: { customerId: caller.customerId, reserverName: 'Kim' },
        concertId,
        performances: [{ optionId: optionIds[0], seatId: 2 }],
      })
      .expect(403);
    expect(again.body.code).toBe('QUEUE_NOT_ACTIVE');
  });

  it('blocks seats all or none, frees them again, and writes down who did', async () => {
    const { caller, concertId, optionIds } = await buyer();
    const path = `/admin/concerts/${concertId}/options/${optionIds[0]}/blocks`;
    await hold({ caller, concertId, seats: [{ optionId: optionIds[0], seatId: 3 }] });
    const blocked = () =>
      count(
        'SELECT count(*) FROM tickets WHERE option_id = $1 AND live AND reservation_id IS NULL',
        [optionIds[0]],
      );
    const refused = await stack.api
      .post(path)
      .set(admin)
      .send({ seats: [1, 2, 3] })
      .expect(409);
    expect(refused.body.seats).toEqual([{ optionId: optionIds[0], seatId: 3 }]);
    expect(await blocked()).toBe(0);
    const before = await count('SELECT count(*) FROM admin_audit');
    await stack.api
      .post(path)
      .set(admin)
      .send({ seats: [1, 2] })
      .expect(204);
    expect(await blocked()).toBe(2);
    const other = path.replace(`/concerts/${concertId}/`, '/concerts/999/');
    await stack.api
      .delete(other)
      .set(admin)
      .send({ seats: [1, 2] })
      .expect(404);
    const { body } = await stack.api
      .delete(path)
      .set(admin)
      .send({ seats: [1, 2, 3] })
      .expect(200);
    expect(body.unblocked).toBe(2);
    expect(await count('SELECT count(*) FROM admin_audit')).toBe(Number(before) + 2);
    await healthy();
  });
});

describe('a cancelled performance', () => {
  const RESERVATIONS = 2_000;
  let stack: Stack;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    stack = await startStack({ env: { HOLD_SECONDS: '600' } });
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await stack.close();
  });

  function startWorkerProcess(): ChildProcess {
    const child = spawn(process.execPath, ['dist/src/worker.js'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: stack.databaseUrl,
        REDIS_URL: stack.redis.url,
        QUEUE_TOKEN_SECRETS: `test:${QUEUE_SECRET}`,
        ADMIN_API_KEY: ADMIN_KEY,
        CUSTOMER_AUTH: 'open',
        LOG_LEVEL: 'silent',
      },
      stdio: 'ignore',
    });
    children.push(child);
    return child;
  }

  it('gives thousands back once each, though the worker is killed in the middle', async () => {
    const { db, reservations, points } = stack.services;
    const roomId = await stack.room();
    const sale = await stack.concert({ roomId, seats: 5_000, price: 100, options: 2 });
    const [cancelled = 0, other = 0] = sale.optionIds;
    const customers = await stack.customers(RESERVATIONS, 1_000);
    // Nine of ten have paid, one still holds; every third also has a seat of the other performance.
    await db.query({
      text: `WITH made AS (
          INSERT INTO reservations (customer_id, concert_id, room_id, slot_seq, reserver_name, status, total,
                                    claim_id, expires_at, confirmed_at)
          SELECT c, $2, $3, c, 'Kim', CASE WHEN c % 10 = 0 THEN 'HELD' ELSE 'CONFIRMED' END::reservation_status,
                 CASE WHEN c % 3 = 0 THEN 200 ELSE 100 END, 'claim-' || c, now() + interval '10 min',
                 CASE WHEN c % 10 = 0 THEN NULL ELSE now() END
          FROM unnest($1::bigint[]) AS c RETURNING id, customer_id, total, status),
        seated AS (
          INSERT INTO tickets (reservation_id, option_id, seat, price, live)
          SELECT id, option, row_number() OVER (PARTITION BY option ORDER BY id), 100, true
          FROM made, unnest(ARRAY[$4, $5]::bigint[]) AS option WHERE option = $4 OR total = 200),
        told AS (
          INSERT INTO outbox (kind, payload, delivered_at)
          SELECT kind, jsonb_build_object('reservationId', id), now() FROM made,
            unnest(ARRAY['reservation.held', 'reservation.confirmed']) AS kind
          WHERE kind = 'reservation.held' OR status = 'CONFIRMED'),
        paid AS (
          INSERT INTO payments (reservation_id, customer_id, method, amount)
          SELECT id, customer_id, 'POINT', total FROM made WHERE status = 'CONFIRMED'),
        debited AS (
          UPDATE accounts a SET balance = balance - total FROM made
          WHERE a.customer_id = made.customer_id AND made.status = 'CONFIRMED'
          RETURNING a.id, a.balance, made.id AS reservation_id, made.total)
        INSERT INTO transfers (kind, from_account_id, amount, balance_after, ref_type, ref_id)
        SELECT 'PAY', id, total, balance, 'reservation', reservation_id::text FROM debited`,
      values: [customers, sale.concertId, roomId, cancelled, other],
    });
    await db.query({
      text: 'UPDATE customers SET active = false WHERE id = ANY($1::bigint[]) AND id % 7 = 0',
      values: [customers],
    });
    const request = { concertId: sale.concertId, optionId: cancelled };
    const first = await reservations.cancelPerformance({ ...request, actor: ACTOR });
    expect(first.remaining).toBe(RESERVATIONS);
    const remaining = async () => (await reservations.cancelledPerformance(request)).remaining;

    const worker = startWorkerProcess();
    await eventually(async () => expect(await remaining()).toBeLessThan(RESERVATIONS - 100), {
      timeoutMs: 40_000,
      everyMs: 5,
    });
    const exited = once(worker, 'exit');
    worker.kill('SIGKILL');
    await exited;
    const left = await remaining();
    expect(left).toBeGreaterThan(0);
    // Asked for again meanwhile: nothing changes.
    const again = await reservations.cancelPerformance({ ...request, actor: ACTOR });
    expect(again.cancelledAt).toBe(first.cancelledAt);

    startWorkerProcess();
    startWorkerProcess();
    await eventually(async () => expect(await remaining()).toBe(0), { timeoutMs: 40_000 });
    const [sums] = await db.query<{ refunds: number; held: number; whole: number }>({
      text: `SELECT (SELECT count(*) FROM transfers WHERE kind = 'REFUND') AS refunds,
               (SELECT count(*) FROM reservations WHERE status = 'CANCELLED') AS held,
               (SELECT count(*) FROM accounts WHERE balance = 1000) AS whole`,
    });
    const paid = customers.filter((id) => id % 10 !== 0).length;
    expect(sums).toEqual({ refunds: paid, held: RESERVATIONS - paid, whole: RESERVATIONS });
    const [seat] = await db.query<{ live: number }>({
      text: 'SELECT count(*) AS live FROM tickets WHERE live',
    });
    expect(seat?.live).toBe(0);
    expect((await points.balance(customers[0] ?? 0)).balance).toBe(1_000);
    await eventually(async () => {
      expect(await stack.services.outbox.backlog()).toMatchObject({ pending: 0 });
    });
    const checks = await stack.services.invariants.check();
    expect(checks.filter((check) => check.violations > 0 || !check.checked)).toEqual([]);
  });
});
