import type { Keyed } from '../payments/idempotency.ts';
import type { Actor } from '../platform/audit.ts';
import { AppError } from '../platform/errors.ts';
import { type BlockRequest, blockSeats, unblockSeats } from './blocks.ts';
import { cancel } from './cancel.ts';
import {
  type CancelledPerformance,
  cancelledPerformance,
  cancelPerformance,
  refundCancelled,
} from './cancel-performance.ts';
import {
  type DocumentRow,
  documentFromRow,
  documentsStatement,
  type ReservationDocument,
  type ReservationStatus,
  type TicketDocument,
} from './documents.ts';
import type { ReservationsOptions } from './options.ts';
import { type PayDocument, type PayRequest, pay } from './pay.ts';
import { type RefundDocument, type RefundRequest, refund } from './refund.ts';
import { type ReserveRequest, reserve } from './reserve.ts';
import { expireDueStatement } from './transitions.ts';

/** The life of a reservation, one function a use case; their files say what they promise. */
export interface Reservations {
  reserve(request: ReserveRequest): Promise<Keyed<ReservationDocument>>;
  pay(request: PayRequest): Promise<Keyed<PayDocument>>;
  cancel(request: { customerId: number; reservationId: number }): Promise<void>;
  refund(request: RefundRequest): Promise<Keyed<RefundDocument>>;
  /** The customer's own. @throws RESERVATION_NOT_FOUND */
  get(request: { customerId: number; reservationId: number }): Promise<ReservationDocument>;
  /** Newest first. */
  list(request: {
    customerId: number;
    status?: ReservationStatus | undefined;
    cursor?: number | undefined;
    limit: number;
  }): Promise<{ items: ReservationDocument[]; next: number | null }>;
  /** Tidies up to `max` holds whose time is over; returns how many. */
  expireDue(max: number): Promise<number>;
  /** The same for one hold, by its delayed job. */
  expireOne(reservationId: number): Promise<void>;
  /** One ticket with its reservation's state, for whoever checks it. @throws NOT_FOUND */
  ticket(ticketId: number): Promise<TicketDocument & { live: boolean; customerId: number }>;
  /** Takes seats out of sale, all or none. @throws OPTION_NOT_FOUND, SEAT_NOT_FOUND, ALREADY_TAKEN */
  blockSeats(request: BlockRequest): Promise<void>;
  /** Gives blocked seats back to the sale; seats that are not blocked stay as they are. */
  unblockSeats(request: BlockRequest): Promise<number>;
  cancelPerformance(request: {
    concertId: number;
    optionId: number;
    actor: Actor;
  }): Promise<CancelledPerformance>;
  cancelledPerformance(request: {
    concertId: number;
    optionId: number;
  }): Promise<CancelledPerformance>;
  refundCancelled(max: number): Promise<number>;
  /** Holds that can still be paid, and how long the oldest of the others has waited to be tidied up. */
  holdsNow(): Promise<{ live: number; overdueSeconds: number }>;
}

export function createReservations(options: ReservationsOptions): Reservations {
  const { db } = options;
  return {
    reserve: (request) => reserve(options, request),
    pay: (request) => pay(options, request),
    cancel: (request) => cancel(options, request),
    refund: (request) => refund(options, request),

    async get({ customerId, reservationId }) {
      const [row] = await db.query<DocumentRow>(
        documentsStatement({ customerId, reservationId, limit: 1 }),
      );
      if (!row) throw new AppError('RESERVATION_NOT_FOUND');
      return documentFromRow(row);
    },

    async list({ customerId, status, cursor, limit }) {
      const rows = await db.query<DocumentRow>(
        documentsStatement({ customerId, status: status ?? null, before: cursor ?? null, limit }),
      );
      const items = rows.map(documentFromRow);
      return { items, next: items.length === limit ? (items.at(-1)?.reservationId ?? null) : null };
    },

    async expireDue(max) {
      return (await db.query(expireDueStatement(max, null))).length;
    },
    async expireOne(reservationId) {
      await db.query(expireDueStatement(1, reservationId));
    },
    async ticket(ticketId) {
      const [found] = await db.query<{ reservation_id: number; live: boolean }>({
        text: 'SELECT reservation_id, live FROM tickets WHERE id = $1 AND reservation_id IS NOT NULL',
        values: [ticketId],
      });
      if (!found) throw new AppError('NOT_FOUND');
      const [row] = await db.query<DocumentRow>(
        documentsStatement({ customerId: null, reservationId: found.reservation_id, limit: 1 }),
      );
      const ticket = row && documentFromRow(row).tickets.find((one) => one.ticketId === ticketId);
      if (!row || !ticket) throw new AppError('NOT_FOUND');
      return { ...ticket, live: ticket.status === 'CONFIRMED', customerId: row.customer_id };
    },
    blockSeats: (request) => blockSeats(options, request),
    unblockSeats: (request) => unblockSeats(options, request),
    cancelPerformance: (request) => cancelPerformance(options, request),
    cancelledPerformance: (request) => cancelledPerformance(options, request),
    refundCancelled: (max) => refundCancelled(options, max),
    async holdsNow() {
      const [row] = await db.query<{ live: number; overdue: number }>({
        name: 'holds-now',
        text: `SELECT count(*) FILTER (WHERE expires_at > now) AS live,
                 coalesce(extract(epoch FROM max(now - expires_at) FILTER (WHERE expires_at <= now)), 0)::float8
                   AS overdue
               FROM reservations, LATERAL (SELECT clock_timestamp() AS now) AS clock
               WHERE status = 'HELD'`,
      });
      return { live: row?.live ?? 0, overdueSeconds: row?.overdue ?? 0 };
    },
  };
}
