import { type IdempotencyRequest, idempotently, type Keyed } from '../payments/idempotency.ts';
import type { Statement, Tx } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import { within } from '../platform/patience.ts';
import {
  type DocumentRow,
  documentFromRow,
  documentsStatement,
  type TicketDocument,
} from './documents.ts';
import type { ReservationsOptions } from './options.ts';
import { confirmStatement, lockCustomerStatement } from './transitions.ts';

const PAY_METHOD = 'POINT';
/** One try to end the slot at once; the outbox does it in any case. */
const LEAVE_PATIENCE_MS = 50;

export interface PayItem {
  payMethod: string;
  payAmount: number;
}

export interface PayRequest {
  customerId: number;
  /** Without it the customer's live hold, else the latest reservation, is meant. */
  reservationId?: number | undefined;
  pay: PayItem[];
  idempotency?: IdempotencyRequest | undefined;
}

export interface PayDocument {
  customerId: number;
  tickets: TicketDocument[];
  pay: PayItem[];
  paymentId: number;
  reservationId: number;
  balance: number;
}

/**
 * Pays a hold exactly. Needs neither slot nor Redis. Two trips: the first locks the customer, the
 * reservation, then the account, and reads; the second lets Postgres' clock decide and moves everything in one statement.
 *
 * @throws UNSUPPORTED_PAY_METHOD, RESERVATION_NOT_FOUND, ALREADY_PAID, HOLD_EXPIRED,
 * RESERVATION_STATE_CONFLICT, and, with the hold kept, PAY_AMOUNT_MISMATCH, OUT_OF_BUDGET; UNAVAILABLE, and
 * those of `idempotently`
 */
export async function pay(
  options: ReservationsOptions,
  request: PayRequest,
): Promise<Keyed<PayDocument>> {
  const { customerId, idempotency } = request;
  let slot: { roomId: string; seq: number } | undefined;
  const paid = await idempotently(
    options.db,
    { customerId, operation: 'pay', request: idempotency },
    async (tx) => {
      const result = await payOnce(request, tx);
      slot = result.slot;
      return result.document;
    },
  );
  if (slot) await endSlot(options, { ...slot, customerId });
  return paid;
}

async function payOnce(
  request: PayRequest,
  tx: Tx,
): Promise<{ document: PayDocument; slot: { roomId: string; seq: number } }> {
  if (request.pay.some((item) => item.payMethod !== PAY_METHOD)) {
    throw new AppError('UNSUPPORTED_PAY_METHOD', { details: { supported: [PAY_METHOD] } });
  }
  const [, reservations, accounts] = await tx.batch([
    lockCustomerStatement(request.customerId),
    lockReservationStatement(request.customerId, request.reservationId ?? null),
    lockAccountStatement(request.customerId),
  ]);
  const reservation = reservations?.[0];
  if (!reservation) throw new AppError('RESERVATION_NOT_FOUND');
  requireHeld(reservation.status);
  if (!reservation.live) throw new AppError('HOLD_EXPIRED');
  const { total } = reservation;
  const amount = request.pay.reduce((sum, item) => sum + item.payAmount, 0);
  if (amount !== total) throw new AppError('PAY_AMOUNT_MISMATCH', { details: { total, amount } });
  const balance: number = accounts?.[0]?.balance ?? 0;
  if (balance < total) throw new AppError('OUT_OF_BUDGET', { details: { balance, total } });

  const [confirmed, documents] = await tx.commitWith([
    confirmStatement(reservation.id, PAY_METHOD),
    documentsStatement({
      customerId: request.customerId,
      reservationId: reservation.id,
      limit: 1,
    }),
  ]);
  const payment = confirmed?.[0];
  const row: DocumentRow | undefined = documents?.[0];
  // Locks were held and the balance known: only the clock can have said no.
  if (!payment || !row) throw new AppError('HOLD_EXPIRED');
  return {
    slot: { roomId: reservation.room_id, seq: reservation.slot_seq },
    document: {
      customerId: request.customerId,
      tickets: documentFromRow(row).tickets,
      pay: request.pay,
      paymentId: payment.payment_id,
      reservationId: reservation.id,
      balance: payment.balance,
    },
  };
}

/** Waits for the row, and answers it as it is then; the clock is read after the wait. */
export function lockReservationStatement(
  customerId: number | null,
  reservationId: number | null,
): Statement {
  return {
    name: 'reservation-lock',
    text: `WITH locked AS (
        SELECT id, customer_id, concert_id, status, total, expires_at, room_id, slot_seq, claim_id
        FROM reservations
        WHERE ($1::bigint IS NULL OR customer_id = $1)
          AND id = coalesce($2, (SELECT id FROM reservations WHERE customer_id = $1
                                 ORDER BY (status = 'HELD') DESC, id DESC LIMIT 1))
        FOR UPDATE)
      SELECT *, expires_at > clock_timestamp() AS live FROM locked`,
    values: [customerId, reservationId],
  };
}

export function lockAccountStatement(customerId: number): Statement {
  return {
    name: 'account-lock',
    text: 'SELECT balance FROM accounts WHERE customer_id = $1 FOR UPDATE',
    values: [customerId],
  };
}

function requireHeld(status: string): void {
  if (status === 'HELD') return;
  if (status === 'CONFIRMED') throw new AppError('ALREADY_PAID');
  if (status === 'EXPIRED') throw new AppError('HOLD_EXPIRED');
  throw new AppError('RESERVATION_STATE_CONFLICT', { details: { status } });
}

async function endSlot(
  { line, logger }: ReservationsOptions,
  place: { roomId: string; customerId: number; seq: number },
): Promise<void> {
  try {
    await within(LEAVE_PATIENCE_MS, line.leave({ ...place, reason: 'paid' }));
  } catch (error) {
    logger.debug({ error }, 'the outbox will end the slot');
  }
}
