import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { InvariantCheck } from '../../src/platform/invariants.ts';
import { roomKeys } from '../../src/waiting-room/keys.ts';
import { eventually } from '../support/eventually.ts';
import { admin, type Stack, startStack } from '../support/stack.ts';

const ROOM = 'room-1';

/** A lie told to Postgres, what takes it back, and the checks that must notice. */
interface Lie {
  says: string;
  sql: string;
  back: string;
  noticed: string[];
}

/** Reservation 1 is CONFIRMED with seats 1 and 2, 2 is REFUNDED, 3 EXPIRED, 4 HELD; each of its own customer. */
const LIES: Lie[] = [
  {
    says: 'a seat is sold twice',
    sql: `DROP INDEX tickets_one_live_per_seat; UPDATE tickets SET seat = 1 WHERE reservation_id = 4`,
    back: `UPDATE tickets SET seat = 5 WHERE reservation_id = 4;
           CREATE UNIQUE INDEX tickets_one_live_per_seat ON tickets (option_id, seat) WHERE live`,
    noticed: ['no-double-sale'],
  },
  {
    says: 'the index that judges is a plain one',
    sql: `DROP INDEX tickets_one_live_per_seat; CREATE INDEX tickets_one_live_per_seat ON tickets (option_id, seat) WHERE live`,
    back: `DROP INDEX tickets_one_live_per_seat;
           CREATE UNIQUE INDEX tickets_one_live_per_seat ON tickets (option_id, seat) WHERE live`,
    noticed: ['no-double-sale'],
  },
  {
    says: 'a ticket of a paid reservation died',
    sql: `UPDATE tickets SET live = false WHERE reservation_id = 1 AND seat = 2`,
    back: `UPDATE tickets SET live = true WHERE reservation_id = 1`,
    noticed: ['live-ticket-live-owner'],
  },
  {
    says: 'a seat beyond the capacity is sold',
    sql: `UPDATE tickets SET seat = 99 WHERE reservation_id = 4`,
    back: `UPDATE tickets SET seat = 5 WHERE reservation_id = 4`,
    noticed: ['live-ticket-live-owner'],
  },
  {
    says: 'a paid reservation was cancelled',
    sql: `UPDATE reservations SET status = 'CANCELLED', confirmed_at = NULL, ended_at = clock_timestamp() WHERE id = 1;
          UPDATE tickets SET live = false WHERE reservation_id = 1`,
    back: `UPDATE reservations SET status = 'CONFIRMED', confirmed_at = created_at, ended_at = NULL WHERE id = 1;
           UPDATE tickets SET live = true WHERE reservation_id = 1`,
    noticed: ['paid-stays-paid', 'pay-exact', 'events-follow-facts'],
  },
  {
    says: 'a refund kept the money',
    sql: `ALTER TABLE transfers DISABLE TRIGGER ALL;
          UPDATE transfers SET ref_id = 'lost' WHERE kind = 'REFUND' AND ref_id = '2'`,
    back: `UPDATE transfers SET ref_id = '2' WHERE kind = 'REFUND'; ALTER TABLE transfers ENABLE TRIGGER ALL`,
    noticed: ['paid-stays-paid', 'pay-exact'],
  },
  {
    says: 'a hold has ended and lives on',
    sql: `ALTER TABLE reservations DROP CONSTRAINT reservations_times;
          UPDATE reservations SET confirmed_at = created_at WHERE id = 3`,
    back: `UPDATE reservations SET confirmed_at = NULL WHERE id = 3`,
    noticed: ['hold-resolves-once', 'events-follow-facts'],
  },
  {
    says: 'a hold was ended before its time',
    sql: `UPDATE reservations SET expires_at = expires_at + interval '1 hour' WHERE id = 3`,
    back: `UPDATE reservations SET expires_at = expires_at - interval '1 hour' WHERE id = 3`,
    noticed: ['no-early-theft'],
  },
  {
    says: 'a payment came too late',
    sql: `UPDATE reservations SET expires_at = confirmed_at - interval '1 ms' WHERE id = 1`,
    back: `UPDATE reservations SET expires_at = confirmed_at + interval '1 min' WHERE id = 1`,
    noticed: ['no-late-pay'],
  },
  {
    says: 'a balance was written by hand',
    sql: `UPDATE accounts SET balance = balance + 1 WHERE id = 1`,
    back: `UPDATE accounts SET balance = balance - 1 WHERE id = 1`,
    noticed: ['points-conserved', 'ledger-steps'],
  },
  {
    says: 'a payment took too little',
    sql: `UPDATE payments SET amount = amount - 1 WHERE reservation_id = 1`,
    back: `UPDATE payments SET amount = amount + 1 WHERE reservation_id = 1`,
    noticed: ['pay-exact'],
  },
  {
    says: 'two keys stand for one charge',
    sql: `INSERT INTO idempotency_keys (customer_id, operation, key, request_hash, outcome)
          SELECT customer_id, operation, 'again', request_hash, outcome FROM idempotency_keys WHERE operation = 'charge'`,
    back: `DELETE FROM idempotency_keys WHERE key = 'again'`,
    noticed: ['one-effect-per-key'],
  },
  {
    says: 'a key stands for an effect that is not there',
    sql: `UPDATE idempotency_keys SET outcome = jsonb_set(outcome, '{value,transferId}', '999999') WHERE operation = 'charge'`,
    back: `UPDATE idempotency_keys SET outcome = jsonb_set(outcome, '{value,transferId}',
             (SELECT to_jsonb(max(id)) FROM transfers WHERE kind = 'CHARGE')) WHERE operation = 'charge'`,
    noticed: ['one-effect-per-key'],
  },
  {
    says: 'somebody else paid',
    sql: `UPDATE payments SET customer_id = (SELECT max(id) FROM customers) WHERE reservation_id = 1`,
    back: `UPDATE payments p SET customer_id = r.customer_id FROM reservations r WHERE r.id = p.reservation_id`,
    noticed: ['nobody-acts-for-another'],
  },
  {
    says: 'a performance was cancelled by nobody',
    sql: `UPDATE options SET cancelled_at = clock_timestamp()`,
    back: `UPDATE options SET cancelled_at = NULL`,
    noticed: ['nobody-acts-for-another'],
  },
  {
    says: 'a payment told nobody',
    sql: `UPDATE outbox SET kind = 'lost' WHERE kind = 'reservation.confirmed' AND payload ->> 'reservationId' = '1'`,
    back: `UPDATE outbox SET kind = 'reservation.confirmed' WHERE kind = 'lost'`,
    noticed: ['events-follow-facts'],
  },
  {
    says: 'somebody was called before who stood before',
    sql: `INSERT INTO room_events (room_id, customer_id, seq, kind, at) VALUES
            ('x', 1, 20, 'CALLED', clock_timestamp() - interval '1 min'), ('x', 2, 10, 'CALLED', clock_timestamp())`,
    back: `DELETE FROM room_events WHERE room_id = 'x'`,
    noticed: ['called-in-order'],
  },
  {
    says: 'two places bear one number',
    sql: `INSERT INTO room_events (room_id, customer_id, seq, kind, at) VALUES
            ('x', 1, 20, 'ENTERED', clock_timestamp()), ('x', 2, 20, 'ENTERED', clock_timestamp())`,
    back: `DELETE FROM room_events WHERE room_id = 'x'`,
    noticed: ['called-in-order'],
  },
  {
    says: 'a minute held more than the rate',
    sql: `UPDATE rooms SET admit_per_minute = 2, updated_at = clock_timestamp() - interval '1 hour' WHERE id = '${ROOM}';
          INSERT INTO room_events (room_id, customer_id, seq, kind, at)
          SELECT '${ROOM}', 900 + n, n, 'CALLED', clock_timestamp() - interval '10 min' + n * interval '20 s'
          FROM generate_series(1, 3) AS n`,
    back: `UPDATE rooms SET admit_per_minute = NULL; DELETE FROM room_events WHERE customer_id > 900`,
    noticed: ['rate-holds'],
  },
];

describe('the checks of what must never break', () => {
  let stack: Stack;
  const customers: number[] = [];
  beforeAll(async () => {
    stack = await startStack();
    const roomId = await stack.room({ capacity: 5 });
    expect(roomId).toBe(ROOM);
    const { concertId, optionIds } = await stack.concert({ roomId, seats: 10 });
    customers.push(...(await stack.customers(6)));
    const { reservations, points, waitingRoom, db } = stack.services;
    const hold = async (nth: number, seats: number[]) => {
      const customerId = customers[nth] ?? 0;
      const place = await waitingRoom.line.enter({ roomId, customerId });
      const { value } = await reservations.reserve({
        customerId,
        reserverName: 'Kim',
        slot: { roomId, seq: place.seq },
        concertId,
        performances: seats.map((seatId) => ({ optionId: optionIds[0], seatId })),
      });
      return { customerId, reservationId: value.reservationId, total: value.total };
    };
    for (const [nth, seats] of [[1, 2], [3], [4], [5]].entries()) {
      const held = await hold(nth, seats);
      const pay = [{ payMethod: 'POINT', payAmount: held.total }];
      if (nth < 2) await reservations.pay({ ...held, pay });
      if (nth === 1) await reservations.refund(held);
      if (nth === 2) {
        await db.query({
          text: `UPDATE reservations SET created_at = created_at - interval '1 hour', expires_at = clock_timestamp() WHERE id = 3`,
        });
        await reservations.expireDue(10);
      }
    }
    await points.charge({
      customerId: customers[0] ?? 0,
      amount: 50,
      idempotency: { key: 'mine', hash: 'of it' },
    });
    await waitingRoom.history.flush();
  });
  afterAll(() => stack.close());

  const broken = (checks: InvariantCheck[]): string[] => {
    expect(checks.filter((check) => !check.checked)).toEqual([]);
    return checks.filter((check) => check.violations > 0).map((check) => check.id);
  };
  const check = async () => broken(await stack.services.invariants.check());
  const sql = (text: string) => stack.services.db.pool.query(text);

  it('find nothing in a healthy system', async () => {
    expect(await check()).toEqual([]);
  });

  it.each(LIES)('notice when $says, and nothing else', async ({ sql: lie, back, noticed }) => {
    await sql(lie);
    try {
      expect((await check()).sort()).toEqual([...noticed].sort());
    } finally {
      await sql(back);
    }
  });

  it('notice a place in the wrong structure, in two, in none, and one that ended', async () => {
    const { redis } = stack.services;
    const { rooms } = stack.services.waitingRoom;
    await rooms.patch(ROOM, 1, { state: 'PAUSED' }, { name: 'test', requestId: 'test' });
    const keys = roomKeys(ROOM);
    const member = String(customers[3]);
    const deadline = await redis.zscore(keys.active, member);
    const seq = (await stack.services.waitingRoom.line.place(ROOM, customers[3] ?? 0))?.seq;
    const wrongs: [() => Promise<unknown>, () => Promise<unknown>][] = [
      [
        () => redis.zrem(keys.active, member),
        () => redis.zadd(keys.active, deadline ?? '', member),
      ],
      [() => redis.zadd(keys.waiting, 1, member), () => redis.zrem(keys.waiting, member)],
      [() => redis.zadd(keys.returning, 1, '77'), () => redis.zrem(keys.returning, '77')],
      [
        () => redis.zadd(keys.ended, Date.now() * 8 + 2, `${member}:${seq}`),
        () => redis.zrem(keys.ended, `${member}:${seq}`),
      ],
    ];
    for (const [tell, takeBack] of wrongs) {
      await tell();
      expect(await check()).toContain('places-whole');
      await takeBack();
    }
    expect(await check()).toEqual([]);
  });

  it('notice more slots than the capacity, but not a capacity that was lowered', async () => {
    const { rooms } = stack.services.waitingRoom;
    await rooms.patch(ROOM, 2, { capacity: 1 }, { name: 'test', requestId: 'test' });
    expect(await check()).toEqual([]);
    await stack.services.redis.zadd(
      roomKeys(ROOM).active,
      ...[1, 2, 3, 4, 5, 6].flatMap((n) => [Date.now() + 60_000, String(1_000 + n)]),
    );
    expect(await check()).toEqual(expect.arrayContaining(['limit-holds', 'places-whole']));
    await stack.services.redis.zremrangebyrank(roomKeys(ROOM).active, 0, -1);
    await stack.services.redis.del(roomKeys(ROOM).places);
    await rooms.patch(ROOM, 3, { capacity: 5 }, { name: 'test', requestId: 'test' });
  });

  it('notice a slot that ended, or is to end, before the hold made in it', async () => {
    const { line } = stack.services.waitingRoom;
    const [row] = await stack.services.db.query<{ customer: number; seq: number; room: string }>({
      text: `SELECT customer_id AS customer, slot_seq AS seq, room_id AS room FROM reservations WHERE id = 4`,
    });
    if (!row) throw new Error('the hold');
    const place = { roomId: row.room, customerId: row.customer, seq: row.seq };
    await line.leave({ ...place, reason: 'left' });
    expect(await check()).toEqual([]);
    await stack.services.redis.zadd(
      roomKeys(ROOM).ended,
      (Date.now() + 60_000) * 8 + 3,
      `${row.customer}:${row.seq}`,
    );
    expect(await check()).toEqual(['slot-outlives-hold']);
    await line.leave({ ...place, reason: 'left' });
    await stack.services.redis.del(roomKeys(ROOM).ended);
  });

  it('notice somebody who waits beside a free slot while no worker runs', async () => {
    const roomId = await stack.room({ capacity: 0 });
    await stack.services.waitingRoom.line.enter({ roomId, customerId: customers[5] ?? 0 });
    expect(await check()).toEqual([]);
    const { rooms } = stack.services.waitingRoom;
    await rooms.patch(roomId, 1, { capacity: 1 }, { name: 'test', requestId: 'test' });
    expect(await check()).toEqual(['no-stall']);
    await stack.services.waitingRoom.admission.tick(roomId);
    expect(await check()).toEqual([]);
  });

  it('are told to operators, and by a worker to whoever scrapes the metrics', async () => {
    const { body } = await stack.api.get('/admin/invariants').set(admin).expect(200);
    expect(body.ok).toBe(true);
    expect(body.checks).toHaveLength(18);
    await sql(`UPDATE accounts SET balance = balance + 1 WHERE id = 1`);
    await stack.startWorker();
    await eventually(async () => {
      const { text } = await stack.api.get('/metrics').expect(200);
      expect(text).toContain('foyer_invariant_violations{invariant="points-conserved"} 1');
      expect(text).toContain('foyer_invariant_violations{invariant="no-double-sale"} 0');
      expect(text).toMatch(/foyer_invariant_checked_timestamp_seconds\{invariant="no-stall"} \d+/);
      expect(text).toMatch(/foyer_outbox_pending \d+/);
    });
    await sql(`UPDATE accounts SET balance = balance - 1 WHERE id = 1`);
  });

  it('are a command that says in its exit code whether all hold', async () => {
    const run = async (...args: string[]) => {
      const env = { ...process.env, DATABASE_URL: stack.databaseUrl, REDIS_URL: stack.redis.url };
      const command = ['dist/scripts/check-invariants.js', ...args];
      return promisify(execFile)(process.execPath, command, { env }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        (error: { code: number; stdout: string }) => ({ code: error.code, stdout: error.stdout }),
      );
    };
    const healthy = await run();
    expect(healthy.stdout).toMatch(/18 checks: 0 broken, 0 not made\n$/);
    expect(healthy.code).toBe(0);
    await sql(`UPDATE accounts SET balance = balance + 1 WHERE id = 1`);
    const wrong = await run('--json');
    await sql(`UPDATE accounts SET balance = balance - 1 WHERE id = 1`);
    expect(wrong.code).toBe(1);
    expect(broken(JSON.parse(wrong.stdout)).sort()).toEqual(['ledger-steps', 'points-conserved']);
  });
});
