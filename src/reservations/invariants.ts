import type { Database } from '../platform/database.ts';

/** One line of what must never break, checked against stored data. */
export interface InvariantCheck {
  id: string;
  title: string;
  violations: number;
  /** False when the check could not be made, for instance because it took too long. */
  checked: boolean;
}

/** A check that takes longer on a large table is reported as not made, never as passed. */
const CHECK_TIMEOUT_MS = 20_000;

/** Each query counts violations; a healthy database answers 0 to all. */
const CHECKS: readonly { id: string; title: string; sql: string }[] = [
  {
    id: 'no-double-sale',
    title: 'Per option and seat at most one live ticket, and the index that sees to it',
    sql: `SELECT (SELECT count(*) FROM (
                    SELECT 1 FROM tickets WHERE live GROUP BY option_id, seat HAVING count(*) > 1) AS twice)
               + (SELECT 1 - count(*) FROM pg_index
                   WHERE indexrelid = to_regclass('tickets_one_live_per_seat') AND indisunique AND indisvalid)`,
  },
  {
    id: 'live-ticket-live-owner',
    title: 'A ticket is live exactly while its reservation is held or confirmed',
    sql: `SELECT (SELECT count(*) FROM tickets t JOIN reservations r ON r.id = t.reservation_id
                   WHERE t.live <> (r.status IN ('HELD', 'CONFIRMED')))
               + (SELECT count(*) FROM reservations r
                   WHERE NOT EXISTS (SELECT 1 FROM tickets t WHERE t.reservation_id = r.id))`,
  },
  {
    id: 'paid-stays-paid',
    title: 'A paid reservation ends only by a refund that gave the money back',
    sql: `SELECT (SELECT count(*) FROM payments p JOIN reservations r ON r.id = p.reservation_id
                   WHERE r.status NOT IN ('CONFIRMED', 'REFUNDED'))
               + (SELECT count(*) FROM reservations r WHERE r.status = 'REFUNDED' AND r.total > 0
                    AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.kind = 'REFUND'
                      AND t.ref_type = 'reservation' AND t.ref_id = r.id::text))`,
  },
  {
    id: 'hold-resolves-once',
    title: 'A hold resolves to exactly one end, and its times say the same as its state',
    sql: `SELECT count(*) FROM reservations r
          WHERE (r.confirmed_at IS NOT NULL) <> (r.status IN ('CONFIRMED', 'REFUNDED'))
             OR (r.ended_at IS NOT NULL) <> (r.status IN ('EXPIRED', 'CANCELLED', 'REFUNDED'))`,
  },
  {
    id: 'no-early-theft',
    title: 'No hold was ended as expired before its time',
    sql: `SELECT count(*) FROM reservations WHERE status = 'EXPIRED' AND ended_at < expires_at`,
  },
  {
    id: 'no-late-pay',
    title: 'Nothing was confirmed after its hold had run out',
    sql: `SELECT count(*) FROM reservations WHERE confirmed_at > expires_at`,
  },
  {
    id: 'points-conserved',
    title: 'Every balance is the sum of its transfers, and none is below zero',
    sql: `SELECT count(*) FROM (
            SELECT a.id FROM accounts a
            LEFT JOIN (SELECT account_id, sum(amount) AS amount FROM (
                SELECT to_account_id AS account_id, amount FROM transfers WHERE to_account_id IS NOT NULL
                UNION ALL
                SELECT from_account_id, -amount FROM transfers WHERE from_account_id IS NOT NULL) AS moves
              GROUP BY account_id) AS sums ON sums.account_id = a.id
            WHERE a.balance <> coalesce(sums.amount, 0) OR a.balance < 0) AS wrong`,
  },
  {
    id: 'pay-exact',
    title: 'Confirmed means one payment of exactly the ticket prices; a refund gives back no more',
    sql: `SELECT (SELECT count(*) FROM reservations r
                   LEFT JOIN transfers t ON t.kind = 'PAY' AND t.ref_type = 'reservation'
                     AND t.ref_id = r.id::text
                   LEFT JOIN payments p ON p.reservation_id = r.id
                   LEFT JOIN LATERAL (SELECT sum(price) AS price FROM tickets k
                     WHERE k.reservation_id = r.id) AS k ON true
                   WHERE CASE WHEN r.status IN ('CONFIRMED', 'REFUNDED')
                     THEN r.total <> k.price OR p.amount IS DISTINCT FROM r.total
                       OR coalesce(t.amount, 0) <> r.total
                     ELSE t.id IS NOT NULL OR p.id IS NOT NULL END)
               + (SELECT count(*) FROM transfers f LEFT JOIN transfers t
                    ON t.kind = 'PAY' AND t.ref_type = f.ref_type AND t.ref_id = f.ref_id
                   WHERE f.kind = 'REFUND' AND f.amount > coalesce(t.amount, 0))`,
  },
  {
    id: 'one-effect-per-key',
    title: 'An idempotency key stands for one effect that exists',
    sql: `SELECT count(*) FROM idempotency_keys k
          WHERE k.operation = 'charge' AND k.outcome #>> '{value,transferId}' IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM transfers t
              WHERE t.id = (k.outcome #>> '{value,transferId}')::bigint AND t.kind = 'CHARGE')`,
  },
];

/** Checks seats and money against stored data; each check is one statement, bounded in time. */
export async function checkSeatsAndMoney(db: Database): Promise<InvariantCheck[]> {
  const results: InvariantCheck[] = [];
  for (const { id, title, sql } of CHECKS) {
    results.push({ id, title, ...(await countViolations(db, sql)) });
  }
  return results;
}

async function countViolations(
  db: Database,
  sql: string,
): Promise<{ violations: number; checked: boolean }> {
  const client = await db.pool.connect();
  try {
    await client.query(`BEGIN READ ONLY`);
    await client.query(`SET LOCAL statement_timeout = ${CHECK_TIMEOUT_MS}`);
    const { rows } = await client.query<{ violations: number }>(
      `SELECT (${sql})::float8 AS violations`,
    );
    await client.query('COMMIT');
    return { violations: rows[0]?.violations ?? 0, checked: true };
  } catch {
    await client.query('ROLLBACK').catch(() => undefined);
    return { violations: 0, checked: false };
  } finally {
    client.release();
  }
}
