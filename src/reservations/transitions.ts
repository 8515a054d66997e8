import type { Statement } from '../platform/database.ts';

/**
 * Every change of a reservation's status, each one statement that is guarded by the status before and takes
 * the tickets and the outbox row with it:
 *
 *     HELD → CONFIRMED | EXPIRED | CANCELLED, CONFIRMED → REFUNDED
 *
 * No other file writes the status. A statement that changes nothing answers no row; the row count decides.
 */

/** Tickets die with their reservation, and the outbox hears of it; `ended` is the CTE that changed the status. */
const freeSeatsAndTell = `
  freed AS (
    UPDATE tickets SET live = false FROM ended WHERE tickets.reservation_id = ended.id AND tickets.live
    RETURNING tickets.id),
  told AS (
    INSERT INTO outbox (kind, payload)
    SELECT 'reservation.' || lower(status::text), jsonb_build_object('reservationId', id) FROM ended)`;

export interface HoldRequest {
  customerId: number;
  concertId: number;
  roomId: string;
  slotSeq: number;
  reserverName: string;
  claimId: string;
  optionIds: number[];
  seats: number[];
  holdSeconds: number;
  seatsPerCustomerMax: number;
}

/**
 * A new hold with its tickets, or no row when the customer is not active, the slot was used for a payment, the
 * concert is not on sale, a seat does not exist, the seats are too many or the balance too small. The unique
 * indexes refuse a seat that is live and a second hold.
 *
 * The caller has locked the customer before, as `pay` does: a payment ends its slot, so no hold may begin in it
 * afterwards, or its owner would be put out of the slot while it lives.
 */
export function holdStatement(request: HoldRequest): Statement {
  return {
    name: 'reservation-hold',
    // Tickets are inserted in seat order: two requests for the same seats meet at the first, and never
    // wait for each other in a circle. The options are locked against a capacity lowered meanwhile.
    text: `WITH wanted AS (
        SELECT o.id AS option_id, w.seat, o.price
        FROM unnest($5::bigint[], $6::int[]) AS w (option_id, seat)
        JOIN options o ON o.id = w.option_id AND o.concert_id = $2 AND w.seat <= o.capacity_limit
          AND o.cancelled_at IS NULL AND o.perform_at > clock_timestamp()
        JOIN concerts c ON c.id = o.concert_id
          AND clock_timestamp() >= c.sale_begin_at AND clock_timestamp() < c.sale_end_at
        FOR KEY SHARE OF o),
      mine AS (
        SELECT t.option_id, count(*) AS tickets FROM reservations r
        JOIN tickets t ON t.reservation_id = r.id AND t.live
        WHERE r.customer_id = $1 AND r.status IN ('HELD', 'CONFIRMED') GROUP BY t.option_id),
      allowed AS (
        SELECT sum(price) AS total FROM wanted
        HAVING count(*) = cardinality($6::int[])
          AND EXISTS (SELECT 1 FROM customers WHERE id = $1 AND active)
          AND NOT EXISTS (SELECT 1 FROM reservations WHERE customer_id = $1 AND room_id = $3 AND slot_seq = $4
                          AND confirmed_at IS NOT NULL)
          AND NOT EXISTS (
            SELECT 1 FROM (SELECT option_id, count(*) AS tickets FROM wanted GROUP BY option_id) AS asked
            LEFT JOIN mine USING (option_id)
            WHERE asked.tickets + coalesce(mine.tickets, 0) > $8)
          AND sum(price) <= coalesce((SELECT balance FROM accounts WHERE customer_id = $1), 0)),
      held AS (
        INSERT INTO reservations (customer_id, concert_id, room_id, slot_seq, reserver_name, status, total,
                                  claim_id, created_at, expires_at)
        SELECT $1, $2, $3, $4, $9, 'HELD', total, $10, now_at, now_at + make_interval(secs => $7)
        FROM allowed, LATERAL (SELECT clock_timestamp() AS now_at) AS clock
        RETURNING id, expires_at),
      seated AS (
        INSERT INTO tickets (reservation_id, option_id, seat, price, live)
        SELECT held.id, wanted.option_id, wanted.seat, wanted.price, true FROM held, wanted
        ORDER BY wanted.option_id, wanted.seat
        RETURNING id),
      told AS (
        INSERT INTO outbox (kind, payload)
        SELECT 'reservation.held', jsonb_build_object('reservationId', id) FROM held)
      SELECT held.id, held.expires_at, (SELECT count(*) FROM seated) AS tickets FROM held`,
    values: [
      request.customerId,
      request.concertId,
      request.roomId,
      request.slotSeq,
      request.optionIds,
      request.seats,
      request.holdSeconds,
      request.seatsPerCustomerMax,
      request.reserverName,
      request.claimId,
    ],
  };
}

/**
 * Ends the holds in the way of new ones: those of the customer and those on the seats whose time is over.
 * Who waited here for a row sees it as it is then: a hold that was paid meanwhile is left alone.
 */
export function expireBlockersStatement(request: {
  customerId: number;
  optionIds: number[];
  seats: number[];
}): Statement {
  return {
    name: 'reservation-expire-blockers',
    text: `WITH due AS (
        SELECT r.id FROM reservations r
        WHERE r.status = 'HELD' AND r.expires_at <= clock_timestamp()
          AND (r.customer_id = $1 OR r.id IN (
            SELECT t.reservation_id FROM unnest($2::bigint[], $3::int[]) AS w (option_id, seat)
            JOIN tickets t ON t.option_id = w.option_id AND t.seat = w.seat AND t.live))
        ORDER BY r.id FOR UPDATE),
      ended AS (
        UPDATE reservations r SET status = 'EXPIRED', ended_at = clock_timestamp()
        FROM due WHERE r.id = due.id AND r.status = 'HELD' RETURNING r.id, r.status),
      ${freeSeatsAndTell}
      SELECT id FROM ended`,
    values: [request.customerId, request.optionIds, request.seats],
  };
}

/** Ends holds whose time is over, at most `max`; those somebody is just paying are left for the next time. */
export function expireDueStatement(max: number, reservationId: number | null): Statement {
  return {
    name: 'reservation-expire-due',
    text: `WITH due AS (
        SELECT id FROM reservations
        WHERE status = 'HELD' AND expires_at <= clock_timestamp() AND ($2::bigint IS NULL OR id = $2)
        ORDER BY expires_at, id LIMIT $1 FOR UPDATE SKIP LOCKED),
      ended AS (
        UPDATE reservations r SET status = 'EXPIRED', ended_at = clock_timestamp()
        FROM due WHERE r.id = due.id AND r.status = 'HELD' RETURNING r.id, r.status),
      ${freeSeatsAndTell}
      SELECT id FROM ended`,
    values: [max, reservationId],
  };
}

/** What `cancelStatement` answers of a hold that it ended. */
export interface CancelledRow {
  id: number;
  concert_id: number;
  claim_id: string;
  seats: { optionId: number; seatId: number }[];
}

/** Cancels a customer's hold; one whose time is over ends as expired. */
export function cancelStatement(reservationId: number, customerId: number): Statement {
  return {
    name: 'reservation-cancel',
    text: `WITH ended AS (
        UPDATE reservations
        SET status = CASE WHEN expires_at > clock_timestamp() THEN 'CANCELLED' ELSE 'EXPIRED' END::reservation_status,
            ended_at = clock_timestamp()
        WHERE id = $1 AND customer_id = $2 AND status = 'HELD'
        RETURNING id, status, concert_id, claim_id),
      ${freeSeatsAndTell}
      SELECT id, concert_id, claim_id,
        (SELECT json_agg(json_build_object('optionId', t.option_id, 'seatId', t.seat))
         FROM tickets t WHERE t.reservation_id = ended.id) AS seats
      FROM ended`,
    values: [reservationId, customerId],
  };
}

/** Reserve and pay of one customer go one after the other. */
export function lockCustomerStatement(customerId: number): Statement {
  return {
    name: 'customer-lock',
    text: 'SELECT 1 FROM customers WHERE id = $1 FOR NO KEY UPDATE',
    values: [customerId],
  };
}

/**
 * Confirms a hold and takes its price, all or nothing. The caller has locked customer, reservation and account
 * before, in this order and in statements of their own, so that nothing here waits and the clock decides last.
 * Who never had points has no account, and can have what costs nothing.
 */
export function confirmStatement(reservationId: number, method: string): Statement {
  return {
    name: 'reservation-confirm',
    text: `WITH confirmed AS (
        UPDATE reservations r SET status = 'CONFIRMED', confirmed_at = clock_timestamp()
        WHERE r.id = $1 AND r.status = 'HELD' AND r.expires_at > clock_timestamp()
          AND r.total <= coalesce((SELECT balance FROM accounts a WHERE a.customer_id = r.customer_id), 0)
        RETURNING r.id, r.customer_id, r.total, r.confirmed_at),
      debited AS (
        UPDATE accounts a SET balance = a.balance - c.total FROM confirmed c
        WHERE a.customer_id = c.customer_id RETURNING a.id, a.balance),
      moved AS (
        INSERT INTO transfers (kind, from_account_id, amount, balance_after, ref_type, ref_id)
        SELECT 'PAY', d.id, c.total, d.balance, 'reservation', c.id::text
        FROM confirmed c, debited d WHERE c.total > 0),
      paid AS (
        INSERT INTO payments (reservation_id, customer_id, method, amount)
        SELECT id, customer_id, $2, total FROM confirmed RETURNING id),
      told AS (
        INSERT INTO outbox (kind, payload)
        SELECT 'reservation.confirmed', jsonb_build_object('reservationId', id) FROM confirmed)
      SELECT c.id, c.confirmed_at, coalesce((SELECT balance FROM debited), 0) AS balance, p.id AS payment_id
      FROM confirmed c, paid p`,
    values: [reservationId, method],
  };
}

/**
 * Gives the price back and frees the seats, all or nothing, while the policy of every performance allows it:
 * until `refund_until`, or where none is set until it begins; for ever when one of them was cancelled. No row
 * when it does not, or when it is not paid. The caller has locked as for `confirmStatement`, so that the clock
 * decides last.
 */
export function refundStatement(reservationId: number): Statement {
  return {
    name: 'reservation-refund',
    text: `WITH ended AS (
        UPDATE reservations SET status = 'REFUNDED', ended_at = clock_timestamp()
        WHERE id = $1 AND status = 'CONFIRMED'
          AND (SELECT bool_or(o.cancelled_at IS NOT NULL)
                 OR min(coalesce(o.refund_until, o.perform_at)) > clock_timestamp()
               FROM tickets t JOIN options o ON o.id = t.option_id WHERE t.reservation_id = $1)
        RETURNING id, status, customer_id, total),
      credited AS (
        UPDATE accounts a SET balance = a.balance + e.total FROM ended e
        WHERE a.customer_id = e.customer_id RETURNING a.id, a.balance),
      moved AS (
        INSERT INTO transfers (kind, to_account_id, amount, balance_after, ref_type, ref_id)
        SELECT 'REFUND', c.id, e.total, c.balance, 'reservation', e.id::text
        FROM ended e, credited c WHERE e.total > 0),
      ${freeSeatsAndTell}
      SELECT e.id, coalesce((SELECT balance FROM credited), 0) AS balance FROM ended e`,
    values: [reservationId],
  };
}
