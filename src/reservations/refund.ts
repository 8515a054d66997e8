import { type IdempotencyRequest, idempotently, type Keyed } from '../payments/idempotency.ts';
import type { Tx } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { ClaimId } from '../seats/claims.ts';
import {
  type DocumentRow,
  documentFromRow,
  documentsStatement,
  type ReservationDocument,
} from './documents.ts';
import type { ReservationsOptions } from './options.ts';
import { lockAccountStatement, lockReservationStatement } from './pay.ts';
import { releaseClaims } from './release-claims.ts';
import { refundStatement } from './transitions.ts';

export interface RefundRequest {
  customerId: number;
  reservationId: number;
  idempotency?: IdempotencyRequest | undefined;
}

export type RefundDocument = ReservationDocument & { refunded: number; balance: number };

/**
 * Gives a whole reservation back while the policy of all its performances allows: until `refundUntil`, or
 * where none is set until the performance begins. A performance that was cancelled is always refunded.
 *
 * @throws RESERVATION_NOT_FOUND, RESERVATION_STATE_CONFLICT, UNAVAILABLE, and those of `idempotently`
 */
export async function refund(
  options: ReservationsOptions,
  { customerId, reservationId, idempotency }: RefundRequest,
): Promise<Keyed<RefundDocument>> {
  const scope = { customerId, operation: 'refund', request: idempotency };
  let claim: ClaimId | undefined;
  const refunded = await idempotently(options.db, scope, async (tx) => {
    const result = await refundOnce(tx, { customerId, reservationId });
    claim = result.claim;
    return result.document;
  });
  if (claim) await releaseClaims(options, claim);
  return refunded;
}

/** Locks in the order of `pay`: reservation, then account. */
async function refundOnce(
  tx: Tx,
  { customerId, reservationId }: { customerId: number; reservationId: number },
): Promise<{ document: RefundDocument; claim: ClaimId }> {
  const which = documentsStatement({ customerId, reservationId, limit: 1 });
  const [reservations, , documents] = await tx.batch([
    lockReservationStatement(customerId, reservationId),
    lockAccountStatement(customerId),
    which,
  ]);
  const reservation = reservations?.[0];
  const row: DocumentRow | undefined = documents?.[0];
  if (!reservation || !row) throw new AppError('RESERVATION_NOT_FOUND');
  if (reservation.status !== 'CONFIRMED') {
    throw new AppError('RESERVATION_STATE_CONFLICT', { details: { status: row.status } });
  }
  const [refunded, after] = await tx.commitWith([refundStatement(reservationId), which]);
  const now: DocumentRow | undefined = after?.[0];
  if (!refunded?.[0] || !now) {
    // It was locked and paid: only the policy can have said no.
    throw new AppError('RESERVATION_STATE_CONFLICT', {
      details: { status: row.status, refundUntil: refundableUntil(row).toISOString() },
    });
  }
  const document = {
    ...documentFromRow(now),
    refunded: now.total,
    balance: refunded[0].balance,
  };
  const seats = now.tickets.map((one) => ({ optionId: one.option_id, seatId: one.seat }));
  const claimId: string = reservation.claim_id;
  return { document, claim: { concertId: now.concert_id, customerId, claimId, seats } };
}

/** The earliest end among its performances. */
function refundableUntil(row: DocumentRow): Date {
  const ends = row.tickets.map((ticket) =>
    new Date(ticket.refund_until ?? ticket.perform_at).getTime(),
  );
  return new Date(Math.min(...ends));
}
