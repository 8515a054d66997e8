import { type Actor, recordAudit } from '../platform/audit.ts';
import { AppError } from '../platform/errors.ts';
import type { ReservationsOptions } from './options.ts';
import { refund } from './refund.ts';
import { cancelStatement } from './transitions.ts';

export interface CancelledPerformance {
  optionId: number;
  cancelledAt: string;
  /** Reservations that still have to be given back. */
  remaining: number;
  /** Reservations given back since it was cancelled. */
  givenBack: number;
}

/** Reservations given back at the same time, each in its own transaction. */
const AT_ONCE = 4;

/**
 * Cancels a performance: nothing more of it is sold, and the worker gives every reservation with a ticket for
 * it back, whole. Cancelling it again changes nothing.
 *
 * @throws OPTION_NOT_FOUND
 */
export async function cancelPerformance(
  { db, catalog }: ReservationsOptions,
  request: { concertId: number; optionId: number; actor: Actor },
): Promise<CancelledPerformance> {
  const { concertId, optionId, actor } = request;
  await db.prisma.$transaction(async (tx) => {
    const option = await tx.option.findFirst({ where: { id: optionId, concertId } });
    if (!option) throw new AppError('OPTION_NOT_FOUND');
    const count = await tx.$executeRaw`
      UPDATE options SET cancelled_at = clock_timestamp() WHERE id = ${optionId} AND cancelled_at IS NULL`;
    if (count === 0) return;
    const target = `option:${optionId}`;
    await recordAudit(tx, {
      actor,
      action: 'option.cancel',
      target,
      after: { concertId, optionId },
    });
  });
  catalog.concerts.forget(concertId);
  return cancelledPerformance({ db }, request);
}

/** How far giving back has come. @throws OPTION_NOT_FOUND, RESERVATION_STATE_CONFLICT (it is not cancelled) */
export async function cancelledPerformance(
  { db }: Pick<ReservationsOptions, 'db'>,
  { concertId, optionId }: { concertId: number; optionId: number },
): Promise<CancelledPerformance> {
  const [row] = await db.query<{
    cancelled_at: Date | null;
    remaining: number;
    given_back: number;
  }>({
    text: `SELECT o.cancelled_at, (SELECT count(DISTINCT t.reservation_id) FROM tickets t
             WHERE t.option_id = o.id AND t.live AND t.reservation_id IS NOT NULL) AS remaining,
             (SELECT count(DISTINCT r.id) FROM tickets t JOIN reservations r ON r.id = t.reservation_id
              WHERE t.option_id = o.id AND r.status IN ('CANCELLED', 'REFUNDED')
                AND r.ended_at >= o.cancelled_at) AS given_back
           FROM options o WHERE o.id = $1 AND o.concert_id = $2`,
    values: [optionId, concertId],
  });
  if (!row) throw new AppError('OPTION_NOT_FOUND');
  if (!row.cancelled_at) throw new AppError('RESERVATION_STATE_CONFLICT');
  return {
    optionId,
    cancelledAt: row.cancelled_at.toISOString(),
    remaining: row.remaining,
    givenBack: row.given_back,
  };
}

/**
 * Gives back up to `max` reservations of cancelled performances: holds are cancelled, paid ones refunded. What
 * is left is found again by its state, so that it may stop anywhere and run twice.
 *
 * @returns how many were given back
 */
export async function refundCancelled(options: ReservationsOptions, max: number): Promise<number> {
  const rows = await options.db.query<{ id: number; customer_id: number; status: string }>({
    name: 'reservations-of-cancelled',
    text: `SELECT DISTINCT r.id, r.customer_id, r.status FROM options o
           JOIN tickets t ON t.option_id = o.id AND t.live
           JOIN reservations r ON r.id = t.reservation_id
           WHERE o.cancelled_at IS NOT NULL ORDER BY r.id LIMIT $1`,
    values: [max],
  });
  // One that cannot be given back now keeps none of the others; the run says so at its end.
  const failures: unknown[] = [];
  for (let from = 0; from < rows.length; from += AT_ONCE) {
    const some = rows.slice(from, from + AT_ONCE).map((row) => giveBack(options, row));
    for (const one of await Promise.allSettled(some)) {
      if (one.status === 'rejected') failures.push(one.reason);
    }
  }
  if (failures.length > 0) throw failures[0];
  return rows.length;
}

async function giveBack(
  options: ReservationsOptions,
  row: { id: number; customer_id: number; status: string },
): Promise<void> {
  if (row.status === 'HELD') {
    await options.db.query(cancelStatement(row.id, row.customer_id));
    return;
  }
  try {
    await refund(options, { customerId: row.customer_id, reservationId: row.id });
  } catch (error) {
    // Somebody else refunded it first.
    if (!(error instanceof AppError && error.code === 'RESERVATION_STATE_CONFLICT')) throw error;
  }
}
