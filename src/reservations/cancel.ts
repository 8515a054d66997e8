import { AppError } from '../platform/errors.ts';
import type { ReservationsOptions } from './options.ts';
import { releaseClaims } from './release-claims.ts';
import { type CancelledRow, cancelStatement } from './transitions.ts';

/**
 * Gives a live hold back. Cancelling what is cancelled or has expired changes nothing.
 *
 * @throws RESERVATION_NOT_FOUND, RESERVATION_STATE_CONFLICT (paid: refund it), UNAVAILABLE
 */
export async function cancel(
  options: ReservationsOptions,
  { customerId, reservationId }: { customerId: number; reservationId: number },
): Promise<void> {
  const [ended] = await options.db.query<CancelledRow>(cancelStatement(reservationId, customerId));
  if (ended) {
    const { concert_id: concertId, claim_id: claimId, seats } = ended;
    await releaseClaims(options, { concertId, customerId, claimId, seats });
    return;
  }
  const [row] = await options.db.query<{ status: string }>({
    name: 'reservation-status',
    text: 'SELECT status FROM reservations WHERE id = $1 AND customer_id = $2',
    values: [reservationId, customerId],
  });
  if (!row) throw new AppError('RESERVATION_NOT_FOUND');
  if (row.status === 'CONFIRMED' || row.status === 'REFUNDED') {
    throw new AppError('RESERVATION_STATE_CONFLICT', { details: { status: row.status } });
  }
}
