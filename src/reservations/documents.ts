import type { Statement } from '../platform/database.ts';

export type ReservationStatus = 'HELD' | 'CONFIRMED' | 'EXPIRED' | 'CANCELLED' | 'REFUNDED';

/** One ticket in the seed's shape; times are ISO 8601, prices in won. */
export interface TicketDocument {
  ticketId: number;
  reserverName: string;
  concertId: number;
  concertName: string;
  optionId: number;
  optionName: string;
  performAt: string;
  optionPrice: number;
  status: ReservationStatus;
  seatId: number;
  reservedAt: string;
}

export interface ReservationDocument {
  reservationId: number;
  status: ReservationStatus;
  expiresAt: string;
  /** Seconds until the hold ends; 0 when it is not live. */
  remainingTime: number;
  total: number;
  tickets: TicketDocument[];
}

/** A row of `documentsStatement`. */
export interface DocumentRow {
  id: number;
  customer_id: number;
  status: ReservationStatus;
  total: number;
  expires_at: Date;
  remaining_seconds: number;
  reserver_name: string;
  created_at: Date;
  concert_id: number;
  concert_name: string;
  tickets: {
    id: number;
    option_id: number;
    option_name: string;
    perform_at: string;
    refund_until: string | null;
    cancelled: boolean;
    seat: number;
    price: number;
  }[];
}

/** Reservations with their tickets, newest first; a hold whose time is over reads as EXPIRED. */
export function documentsStatement(where: {
  customerId: number | null;
  reservationId?: number | null;
  status?: ReservationStatus | null;
  before?: number | null;
  limit: number;
}): Statement {
  return {
    name: 'reservation-documents',
    text: `SELECT * FROM (
        SELECT r.id, r.customer_id, r.total, r.expires_at, r.reserver_name, r.created_at, r.concert_id,
          CASE WHEN r.status = 'HELD' AND r.expires_at <= clock_timestamp() THEN 'EXPIRED' ELSE r.status::text END AS status,
          CASE WHEN r.status = 'HELD' THEN greatest(0, ceil(extract(epoch FROM r.expires_at - clock_timestamp())))
               ELSE 0 END::int AS remaining_seconds,
          c.name AS concert_name,
          (SELECT json_agg(json_build_object('id', t.id, 'option_id', t.option_id, 'option_name', o.name,
                    'perform_at', o.perform_at, 'refund_until', o.refund_until,
                    'cancelled', o.cancelled_at IS NOT NULL, 'seat', t.seat, 'price', t.price)
                    ORDER BY t.option_id, t.seat)
           FROM tickets t JOIN options o ON o.id = t.option_id WHERE t.reservation_id = r.id) AS tickets
        FROM reservations r JOIN concerts c ON c.id = r.concert_id
        WHERE ($1::bigint IS NULL OR r.customer_id = $1) AND ($2::bigint IS NULL OR r.id = $2)
          AND ($4::bigint IS NULL OR r.id < $4)) AS documents
      WHERE $3::text IS NULL OR status = $3
      ORDER BY id DESC LIMIT $5`,
    values: [
      where.customerId,
      where.reservationId ?? null,
      where.status ?? null,
      where.before ?? null,
      where.limit,
    ],
  };
}

export function documentFromRow(row: DocumentRow): ReservationDocument {
  return {
    reservationId: row.id,
    status: row.status,
    expiresAt: row.expires_at.toISOString(),
    remainingTime: row.remaining_seconds,
    total: row.total,
    tickets: row.tickets.map((ticket) => ({
      ticketId: ticket.id,
      reserverName: row.reserver_name,
      concertId: row.concert_id,
      concertName: row.concert_name,
      optionId: ticket.option_id,
      optionName: ticket.option_name,
      performAt: new Date(ticket.perform_at).toISOString(),
      optionPrice: ticket.price,
      status: row.status,
      seatId: ticket.seat,
      reservedAt: row.created_at.toISOString(),
    })),
  };
}
