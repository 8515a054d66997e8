import type { Bench } from './servers.ts';

const PRICE = 1_000;
const BALANCE = 1_000_000;

/** A concert on sale in the room, with one performance of `seats` seats. */
export async function createConcert(
  bench: Bench,
  roomId: string,
  seats: number,
): Promise<{ concertId: number; optionId: number }> {
  const { db } = bench.services;
  const [concert] = await db.query<{ id: number }>({
    text: `INSERT INTO concerts (name, artist, room_id, sale_begin_at, sale_end_at)
           VALUES ('Bench', 'Nobody', $1, clock_timestamp() - interval '1 day', clock_timestamp() + interval '1 day')
           RETURNING id`,
    values: [roomId],
  });
  const [option] = await db.query<{ id: number }>({
    text: `INSERT INTO options (concert_id, name, perform_at, price, capacity_limit, refund_until)
           VALUES ($1, 'Only night', clock_timestamp() + interval '30 days', $2, $3, clock_timestamp() + interval '29 days')
           RETURNING id`,
    values: [concert?.id, PRICE, seats],
  });
  if (!concert || !option) throw new Error('no concert was made');
  return { concertId: concert.id, optionId: option.id };
}

/** Customers `first` and on, with points enough. */
export async function createCustomers(bench: Bench, first: number, count: number): Promise<void> {
  const { db } = bench.services;
  const values = [first, first + count - 1];
  await db.query({
    text: `INSERT INTO customers (id, name) SELECT n, 'Customer ' || n FROM generate_series($1::int, $2::int) AS n`,
    values,
  });
  await db.query({
    text: `INSERT INTO accounts (customer_id, balance) SELECT n, $3 FROM generate_series($1::int, $2::int) AS n`,
    values: [...values, BALANCE],
  });
  await db.query({ text: 'ANALYZE customers, accounts' });
}

/** One hold of one seat each for customers `first` and on, seats from `seat` on, due at `due` (SQL of a time; n counts). */
export async function createHolds(
  bench: Bench,
  sale: { concertId: number; optionId: number; roomId: string },
  holds: { first: number; seat: number; count: number; due: string },
): Promise<void> {
  await bench.services.db.query({
    text: `WITH held AS (
        INSERT INTO reservations (customer_id, concert_id, room_id, slot_seq, reserver_name, status, total,
                                  claim_id, created_at, expires_at)
        SELECT $1::bigint + n, $2, $3, 1, 'Bench', 'HELD', $4, 'bench-' || n, clock_timestamp(), ${holds.due}
        FROM generate_series(0, $5::int - 1) AS n RETURNING id, customer_id),
      seated AS (
        INSERT INTO tickets (reservation_id, option_id, seat, price, live)
        SELECT id, $6, $7::int + (customer_id - $1)::int, $4, true FROM held)
      INSERT INTO outbox (kind, payload)
      SELECT 'reservation.held', jsonb_build_object('reservationId', id) FROM held`,
    values: [
      holds.first,
      sale.concertId,
      sale.roomId,
      PRICE,
      holds.count,
      sale.optionId,
      holds.seat,
    ],
  });
  await bench.services.db.query({ text: 'ANALYZE reservations, tickets' });
}

export const price = PRICE;
