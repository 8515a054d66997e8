import type { SqlCheck } from '../platform/invariants.ts';

/**
 * What stored seats, holds and payments must say; each query counts what contradicts it. They join whole
 * tables by hashing, never row by row: the price of a check is a scan, whatever is in the tables.
 */
export const SEAT_CHECKS: readonly SqlCheck[] = [
  {
    id: 'no-double-sale',
    title: 'Per option and seat at most one live ticket, and the index that sees to it',
    sql: `SELECT (SELECT count(*) FROM (
                    SELECT 1 FROM tickets WHERE live GROUP BY option_id, seat HAVING count(*) > 1) AS twice)
               + (SELECT 1 - count(*) FROM pg_index
                   WHERE indexrelid = to_regclass('tickets_one_live_per_seat')
                     AND indisunique AND indisvalid AND indpred IS NOT NULL)`,
  },
  {
    id: 'live-ticket-live-owner',
    title:
      'A ticket is live exactly while its reservation is held or confirmed, on a seat that exists',
    sql: `SELECT (SELECT count(*) FROM tickets t JOIN reservations r ON r.id = t.reservation_id
                   WHERE t.live <> (r.status IN ('HELD', 'CONFIRMED')))
               + (SELECT count(*) FROM reservations r
                   WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.reservation_id = r.id))
               + (SELECT count(*) FROM tickets t JOIN options o ON o.id = t.option_id
                   WHERE t.live AND t.seat > o.capacity_limit)`,
  },
  {
    id: 'paid-stays-paid',
    title: 'A paid reservation ends only by a refund that gave the money back',
    sql: `SELECT (SELECT count(*) FROM payments p JOIN reservations r ON r.id = p.reservation_id
                   WHERE r.status NOT IN ('CONFIRMED', 'REFUNDED'))
               + (SELECT count(*) FROM reservations r WHERE r.status = 'REFUNDED' AND r.total > 0
                    AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.kind = 'REFUND'
                      AND t.ref_type = 'reservation' AND t.ref_id = r.id::text AND t.amount = r.total))`,
  },
  {
    id: 'hold-resolves-once',
    title:
      'A hold resolves to exactly one end, its times say the same, and a customer has one at a time',
    sql: `SELECT (SELECT count(*) FROM reservations r
                   WHERE (r.confirmed_at IS NOT NULL) <> (r.status IN ('CONFIRMED', 'REFUNDED'))
                      OR (r.ended_at IS NOT NULL) <> (r.status IN ('EXPIRED', 'CANCELLED', 'REFUNDED'))
                      OR r.ended_at < r.confirmed_at)
               + (SELECT count(*) FROM (SELECT 1 FROM reservations WHERE status = 'HELD'
                    GROUP BY customer_id HAVING count(*) > 1) AS twice)
               + (SELECT 1 - count(*) FROM pg_index
                   WHERE indexrelid = to_regclass('reservations_one_held_per_customer')
                     AND indisunique AND indisvalid)`,
  },
  {
    id: 'no-early-theft',
    title: 'No hold was ended before its time, nor its seat given to another',
    // A request reads the clock before it waits, at most three seconds, for whoever is just ending the hold.
    sql: `SELECT (SELECT count(*) FROM reservations WHERE status = 'EXPIRED' AND ended_at < expires_at)
               + (SELECT count(*) FROM (
                    SELECT r.created_at, lag(r.status) OVER same_seat AS before,
                           lag(r.created_at) OVER same_seat AS before_at, lag(r.expires_at) OVER same_seat AS expires_at,
                           lag(r.ended_at) OVER same_seat AS ended_at
                    FROM tickets t JOIN reservations r ON r.id = t.reservation_id
                    WINDOW same_seat AS (PARTITION BY t.option_id, t.seat ORDER BY t.id)) AS seats
                   WHERE before = 'EXPIRED' AND created_at < expires_at - interval '3 seconds'
                      OR before <> 'EXPIRED' AND created_at < ended_at - interval '3 seconds'
                      OR ended_at IS NULL AND created_at > before_at + interval '3 seconds')`,
  },
  {
    id: 'no-late-pay',
    title: 'Nothing was confirmed after its hold had run out',
    sql: `SELECT count(*) FROM reservations WHERE confirmed_at > expires_at`,
  },
  {
    id: 'pay-exact',
    title: 'Confirmed means one payment of exactly the ticket prices; a refund gives back no more',
    sql: `SELECT (SELECT count(*) FROM reservations r
                   LEFT JOIN transfers t ON t.kind = 'PAY' AND t.ref_type = 'reservation'
                     AND t.ref_id = r.id::text
                   LEFT JOIN payments p ON p.reservation_id = r.id
                   LEFT JOIN (SELECT reservation_id, sum(price) AS price FROM tickets
                     WHERE reservation_id IS NOT NULL GROUP BY reservation_id) AS k ON k.reservation_id = r.id
                   WHERE CASE WHEN r.status IN ('CONFIRMED', 'REFUNDED')
                     THEN r.total IS DISTINCT FROM k.price OR p.amount IS DISTINCT FROM r.total
                       OR coalesce(t.amount, 0) <> r.total
                     ELSE t.id IS NOT NULL OR p.id IS NOT NULL END)
               + (SELECT count(*) FROM transfers f
                    LEFT JOIN transfers t ON t.kind = 'PAY' AND t.ref_type = f.ref_type AND t.ref_id = f.ref_id
                   WHERE f.kind = 'REFUND' AND f.amount > coalesce(t.amount, 0))
               + (SELECT count(*) FROM transfers t LEFT JOIN reservations r ON r.id::text = t.ref_id
                   WHERE t.kind IN ('PAY', 'REFUND') AND r.id IS NULL)`,
  },
  {
    id: 'nobody-acts-for-another',
    title: 'Money moves on the owner’s account, and what an operator did stands in the audit log',
    sql: `SELECT (SELECT count(*) FROM payments p JOIN reservations r ON r.id = p.reservation_id
                   WHERE p.customer_id <> r.customer_id)
               + (SELECT count(*) FROM transfers t
                   JOIN reservations r ON r.id::text = t.ref_id AND t.ref_type = 'reservation'
                   JOIN accounts a ON a.id = coalesce(t.from_account_id, t.to_account_id)
                   WHERE a.customer_id <> r.customer_id)
               + (SELECT count(*) FROM options o WHERE o.cancelled_at IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM admin_audit l WHERE l.action = 'option.cancel' AND l.target = 'option:' || o.id))
               + (SELECT count(DISTINCT t.option_id) FROM tickets t WHERE t.reservation_id IS NULL AND NOT EXISTS (
                    SELECT 1 FROM admin_audit l WHERE l.action = 'seats.block' AND l.target = 'option:' || t.option_id))`,
  },
  {
    id: 'events-follow-facts',
    title: 'Every transition of the last hours has its outbox event',
    // Delivered events are kept for a day; looking back half of it never asks for one that is gone.
    sql: `WITH told AS (
            SELECT kind, (payload ->> 'reservationId')::bigint AS id FROM outbox),
          facts AS (
            SELECT id, 'reservation.held' AS kind, created_at AS at FROM reservations
            UNION ALL SELECT id, 'reservation.confirmed', confirmed_at FROM reservations WHERE confirmed_at IS NOT NULL
            UNION ALL SELECT id, 'reservation.' || lower(status::text), ended_at FROM reservations
              WHERE ended_at IS NOT NULL)
          SELECT count(*) FROM facts LEFT JOIN told USING (id, kind)
          WHERE facts.at > clock_timestamp() - interval '12 hours' AND told.id IS NULL`,
  },
];
