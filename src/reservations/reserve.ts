import { randomUUID } from 'node:crypto';
import { type IdempotencyRequest, idempotently, type Keyed } from '../payments/idempotency.ts';
import type { Statement, Tx } from '../platform/database.ts';
import { asUnavailable, violatedConstraint } from '../platform/database-errors.ts';
import { AppError } from '../platform/errors.ts';
import type { HoldClaim } from '../seats/claims.ts';
import type { Seat } from '../seats/keys.ts';
import {
  type DocumentRow,
  documentFromRow,
  documentsStatement,
  type ReservationDocument,
} from './documents.ts';
import type { ReservationsOptions } from './options.ts';
import { alreadyTaken, holdExists, notActive, refusalOf, whyRefused } from './refusals.ts';
import {
  expireBlockersStatement,
  type HoldRequest,
  holdStatement,
  lockCustomerStatement,
} from './transitions.ts';

export interface ReserveRequest {
  customerId: number;
  reserverName: string;
  /** The slot of the queue token. */
  slot: { roomId: string; seq: number };
  concertId: number;
  /** No duplicates, 1 to `seatsPerReservationMax`: the caller has checked. */
  performances: Seat[];
  idempotency?: IdempotencyRequest | undefined;
}

/** A slot is pushed this much beyond the hold, for Postgres sets the hold's end later: after its locks. */
const SLOT_MARGIN_MS = 15_000;
/** A process that stood still for longer asks for the slot again: with its locks it could outlast the margin. */
const LATE_MS = 4_000;

/**
 * Holds seats for a while, all or none. The slot is proven and stretched and the seats are claimed in one trip
 * to Redis; then one transaction decides. When it refuses, the claim is given back and the slot's end returns
 * to where it was.
 *
 * @throws QUEUE_NOT_ACTIVE, CONCERT_NOT_FOUND, CONCERT_NOT_ON_SALE, OPTION_NOT_FOUND, PERFORMANCE_PASSED,
 * SEAT_NOT_FOUND, ALREADY_TAKEN, HOLD_EXISTS, SEAT_LIMIT_EXCEEDED, OUT_OF_BUDGET, CUSTOMER_NOT_FOUND,
 * CUSTOMER_INACTIVE, UNAVAILABLE, and those of `idempotently`
 */
export async function reserve(
  options: ReservationsOptions,
  request: ReserveRequest,
): Promise<Keyed<ReservationDocument>> {
  const { customerId, idempotency } = request;
  const scope = { customerId, operation: 'reserve', request: idempotency };
  let claim: HoldClaim | undefined;
  // A refusal is thrown where the request's key can keep it.
  const [onSale] = await Promise.allSettled([requireOnSale(options, request)]);
  const reserved = await idempotently(options.db, scope, async (tx) => {
    if (onSale.status === 'rejected') throw onSale.reason;
    const made = await reserveOnce(options, request, tx);
    claim = made.claim;
    return made.document;
  }).catch(async (error: unknown) => {
    // After the transaction, which has given its connection back.
    if (error instanceof AppError && error.code === 'QUEUE_NOT_ACTIVE') {
      await options.catalog.customers.requireActive(customerId);
    }
    throw error;
  });
  // Only now is it committed; a claim that is not settled lapses, and Postgres judges without it.
  if (claim) {
    options.seats.claims
      .settle(claim)
      .catch((error: unknown) => options.logger.debug({ error }, 'claim not settled'));
  }
  return reserved;
}

/**
 * What is remembered of the sale speaks for these seats; Postgres judges again. Read before the transaction
 * begins: one that asks for a second connection while it holds the first waits for ever once all connections are
 * held by such.
 *
 * Who is unknown or suspended is told that before anything else, and so is asked for at every refusal but two:
 * Postgres' own, which looks itself, and that of a taken seat, which must cost it nothing.
 */
async function requireOnSale(
  options: ReservationsOptions,
  { customerId, concertId, slot, performances }: ReserveRequest,
): Promise<void> {
  const { concerts, customers } = options.catalog;
  const sale = await concerts.sale(concertId);
  const here = sale?.roomId === slot.roomId;
  const refusal = sale && here ? refusalOf(sale, performances) : undefined;
  if (here && !refusal) return;
  await customers.requireActive(customerId);
  if (!sale) throw new AppError('CONCERT_NOT_FOUND');
  if (!here) throw notActive(0, 1);
  // Who has no slot is told that first, whatever else is wrong.
  await requireSlot(options, { ...slot, customerId });
  throw refusal;
}

async function reserveOnce(
  options: ReservationsOptions,
  request: ReserveRequest,
  tx: Tx,
): Promise<{ document: ReservationDocument; claim: HoldClaim }> {
  const { line, seats } = options;
  const { customerId, concertId, slot, performances } = request;
  const place = { ...slot, customerId };
  const holdMs = options.holdSeconds * 1_000;
  const askedAt = performance.now();
  const claim = { concertId, customerId, claimId: randomUUID(), seats: performances, holdMs };
  const [extended, claimed] = await Promise.allSettled([
    line.extend({ ...place, holdMs: holdMs + SLOT_MARGIN_MS }),
    seats.claims.claim(claim),
  ]);

  const undo = async (): Promise<void> => {
    const undone: Promise<void>[] = [];
    if (claimed.status === 'fulfilled' && claimed.value.kind === 'claimed') {
      undone.push(seats.claims.release(claim));
    }
    if (extended.status === 'fulfilled' && extended.value.kind === 'extended') {
      const { deadlineMs, previousMs } = extended.value;
      undone.push(line.retract({ ...place, fromMs: deadlineMs, toMs: previousMs }));
    }
    // What cannot be undone lapses by itself: the claim in seconds, the slot one hold later.
    for (const one of await Promise.allSettled(undone)) {
      if (one.status === 'rejected') options.logger.debug({ error: one.reason }, 'not undone');
    }
  };

  try {
    if (extended.status === 'rejected') throw extended.reason;
    if (extended.value.kind === 'refused') {
      throw notActive(extended.value.waitingNumber, extended.value.retryAfterSeconds);
    }
    if (claimed.status === 'rejected') throw claimed.reason;
    if (claimed.value.kind === 'taken') {
      throw new AppError('ALREADY_TAKEN', { details: { seats: claimed.value.seats } });
    }
    if (performance.now() - askedAt > LATE_MS) {
      throw new AppError('UNAVAILABLE', { retryAfterSeconds: 1 });
    }
    return { document: await hold(options, request, claim.claimId, tx), claim };
  } catch (error) {
    // A lost connection may hide a commit: then the slot must not end before the hold.
    if (!asUnavailable(error)) await undo();
    throw error;
  }
}

/** The transaction: lock the customer, end what is due and in the way, hold the seats. One trip. */
async function hold(
  options: ReservationsOptions,
  request: ReserveRequest,
  claimId: string,
  tx: Tx,
): Promise<ReservationDocument> {
  const seats = [...request.performances].sort(
    (a, b) => a.optionId - b.optionId || a.seatId - b.seatId,
  );
  const wanted: HoldRequest = {
    customerId: request.customerId,
    concertId: request.concertId,
    roomId: request.slot.roomId,
    slotSeq: request.slot.seq,
    reserverName: request.reserverName,
    claimId,
    optionIds: seats.map((seat) => seat.optionId),
    seats: seats.map((seat) => seat.seatId),
    holdSeconds: options.holdSeconds,
    seatsPerCustomerMax: options.seatsPerCustomerMax,
  };
  try {
    const [, , , documents] = await tx.commitWith(reserveStatements(wanted));
    const row: DocumentRow | undefined = documents?.[0];
    if (row) return documentFromRow(row);
  } catch (error) {
    const constraint = violatedConstraint(error);
    if (constraint === 'tickets_one_live_per_seat') throw await alreadyTaken(tx, wanted);
    if (constraint === 'reservations_one_held_per_customer') throw await holdExists(tx, wanted);
    throw error;
  }
  throw await whyRefused(tx, wanted);
}

/** The whole transaction of a reserve, in order. */
export function reserveStatements(wanted: HoldRequest): Statement[] {
  return [
    lockCustomerStatement(wanted.customerId),
    expireBlockersStatement(wanted),
    holdStatement(wanted),
    liveHoldStatement(wanted.customerId, wanted.claimId),
  ];
}

/** The hold just made, as the customer is to see it. */
function liveHoldStatement(customerId: number, claimId: string) {
  const statement = documentsStatement({ customerId, limit: 1 });
  return {
    name: 'reservation-made',
    text: `SELECT * FROM (${statement.text}) AS made
           WHERE id = (SELECT id FROM reservations WHERE customer_id = $1 AND claim_id = $6 ORDER BY id DESC LIMIT 1)`,
    values: [...(statement.values ?? []), claimId],
  };
}

async function requireSlot(
  { line }: ReservationsOptions,
  place: { roomId: string; customerId: number; seq: number },
): Promise<void> {
  const reply = await line.extend({ ...place, holdMs: 0 });
  if (reply.kind === 'refused') throw notActive(reply.waitingNumber, reply.retryAfterSeconds);
}
