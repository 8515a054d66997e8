import type { SaleConcert } from '../catalog/concerts.ts';
import type { Tx } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { Seat } from '../seats/keys.ts';
import type { HoldRequest } from './transitions.ts';

/** What the cached sale says against these seats, in the order in which it is told; Postgres asks again. */
export function refusalOf(sale: SaleConcert, performances: Seat[]): AppError | undefined {
  const now = sale.nowMs();
  if (now < sale.saleBeginAt.getTime() || now >= sale.saleEndAt.getTime()) {
    return notOnSale(sale);
  }
  for (const { optionId } of performances) {
    const option = sale.options.get(optionId);
    if (!option) return new AppError('OPTION_NOT_FOUND', { details: { optionId } });
    if (option.cancelled || option.performAt.getTime() <= now) {
      return new AppError('PERFORMANCE_PASSED', { details: { optionId } });
    }
  }
  const missing = performances.filter(
    (seat) => seat.seatId > (sale.options.get(seat.optionId)?.capacityLimit ?? 0),
  );
  return missing.length > 0
    ? new AppError('SEAT_NOT_FOUND', { details: { seats: missing } })
    : undefined;
}

export function notActive(waitingNumber: number, retryAfterSeconds: number): AppError {
  return new AppError('QUEUE_NOT_ACTIVE', { details: { waitingNumber }, retryAfterSeconds });
}

function notOnSale({ saleBeginAt, saleEndAt }: { saleBeginAt: Date; saleEndAt: Date }): AppError {
  return new AppError('CONCERT_NOT_ON_SALE', {
    details: { saleBeginAt: saleBeginAt.toISOString(), saleEndAt: saleEndAt.toISOString() },
  });
}

/** Which of the wanted seats Postgres' index refused. */
export async function alreadyTaken(tx: Tx, wanted: HoldRequest): Promise<AppError> {
  const [rows = []] = await tx.abandon([
    {
      name: 'seats-taken',
      text: `SELECT t.option_id, t.seat FROM unnest($1::bigint[], $2::int[]) AS w (option_id, seat)
             JOIN tickets t ON t.option_id = w.option_id AND t.seat = w.seat AND t.live
             ORDER BY t.option_id, t.seat`,
      values: [wanted.optionIds, wanted.seats],
    },
  ]);
  const taken = rows.map((row) => ({ optionId: row.option_id, seatId: row.seat }));
  // Given back since: still true of the moment that was judged.
  const asked = wanted.optionIds.map((optionId, at) => ({ optionId, seatId: wanted.seats[at] }));
  return new AppError('ALREADY_TAKEN', { details: { seats: taken.length > 0 ? taken : asked } });
}

/** The hold that stands in the way of another. */
export async function holdExists(tx: Tx, wanted: HoldRequest): Promise<AppError> {
  const [rows] = await tx.abandon([
    {
      name: 'hold-existing',
      text: `SELECT id, expires_at FROM reservations WHERE customer_id = $1 AND status = 'HELD'`,
      values: [wanted.customerId],
    },
  ]);
  const row = rows?.[0];
  return new AppError('HOLD_EXISTS', {
    details: row ? { reservationId: row.id, expiresAt: row.expires_at.toISOString() } : {},
  });
}

/** Why `holdStatement` held nothing. */
export async function whyRefused(tx: Tx, wanted: HoldRequest): Promise<AppError> {
  const [rows] = await tx.batch([
    {
      name: 'reservation-refused',
      text: `SELECT (SELECT active FROM customers WHERE id = $1) AS active, c.sale_begin_at, c.sale_end_at,
               clock_timestamp() >= c.sale_begin_at AND clock_timestamp() < c.sale_end_at AS on_sale,
               EXISTS (SELECT 1 FROM reservations WHERE customer_id = $1 AND room_id = $5 AND slot_seq = $6
                       AND confirmed_at IS NOT NULL) AS slot_ended,
               seats.count AS seats, seats.total,
               coalesce((SELECT balance FROM accounts WHERE customer_id = $1), 0) AS balance
             FROM concerts c, LATERAL (
               SELECT count(*), coalesce(sum(o.price), 0)::bigint AS total
               FROM unnest($2::bigint[], $3::int[]) AS w (option_id, seat)
               JOIN options o ON o.id = w.option_id AND w.seat <= o.capacity_limit
                 AND o.cancelled_at IS NULL AND o.perform_at > clock_timestamp()) AS seats
             WHERE c.id = $4`,
      values: [
        wanted.customerId,
        wanted.optionIds,
        wanted.seats,
        wanted.concertId,
        wanted.roomId,
        wanted.slotSeq,
      ],
    },
  ]);
  const row = rows?.[0];
  if (!row || row.active === null) return new AppError('CUSTOMER_NOT_FOUND');
  if (!row.active) return new AppError('CUSTOMER_INACTIVE');
  // A payment has ended the place, whether Redis knows it yet or not.
  if (row.slot_ended) return notActive(0, 1);
  if (!row.on_sale) {
    return notOnSale({ saleBeginAt: row.sale_begin_at, saleEndAt: row.sale_end_at });
  }
  if (row.seats < wanted.seats.length) return new AppError('PERFORMANCE_PASSED');
  const { total, balance } = row;
  if (balance < total) return new AppError('OUT_OF_BUDGET', { details: { balance, total } });
  return new AppError('SEAT_LIMIT_EXCEEDED', {
    details: { seatsPerCustomerMax: wanted.seatsPerCustomerMax },
  });
}
