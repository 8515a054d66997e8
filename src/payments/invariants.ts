import type { SqlCheck } from '../platform/invariants.ts';

/** What stored points and keys must say; each query counts what contradicts it. */
export const MONEY_CHECKS: readonly SqlCheck[] = [
  {
    id: 'points-conserved',
    title: 'Every balance is the sum of its transfers, and none is below zero',
    sql: `SELECT count(*) FROM accounts a
          FULL JOIN (SELECT account_id, sum(amount) AS amount FROM (
              SELECT to_account_id AS account_id, amount FROM transfers WHERE to_account_id IS NOT NULL
              UNION ALL
              SELECT from_account_id, -amount FROM transfers WHERE from_account_id IS NOT NULL) AS moves
            GROUP BY account_id) AS sums ON sums.account_id = a.id
          WHERE a.balance IS DISTINCT FROM coalesce(sums.amount, 0) OR a.balance < 0`,
  },
  {
    id: 'ledger-steps',
    title:
      'The last transfer of an account names its balance, and every transfer has one side in the world',
    sql: `SELECT (SELECT count(*) FROM transfers WHERE (from_account_id IS NULL) = (to_account_id IS NULL) OR amount <= 0)
               + (SELECT count(*) FROM accounts a
                  JOIN (SELECT DISTINCT ON (coalesce(to_account_id, from_account_id))
                          coalesce(to_account_id, from_account_id) AS account_id, balance_after
                        FROM transfers ORDER BY coalesce(to_account_id, from_account_id), id DESC) AS last
                    ON last.account_id = a.id
                  WHERE last.balance_after <> a.balance)`,
  },
  {
    id: 'one-effect-per-key',
    title: 'An idempotency key stands for one effect that exists, and no effect for two keys',
    sql: `WITH kept AS (
            SELECT customer_id, operation, coalesce(outcome #>> '{value,transferId}', outcome #>> '{value,paymentId}',
                     outcome #>> '{value,reservationId}')::bigint AS effect
            FROM idempotency_keys WHERE outcome ? 'value')
          SELECT (SELECT count(*) FROM kept k WHERE NOT CASE k.operation
                    WHEN 'charge' THEN EXISTS (SELECT 1 FROM transfers t JOIN accounts a ON a.id = t.to_account_id
                      WHERE t.id = k.effect AND t.kind = 'CHARGE' AND a.customer_id = k.customer_id)
                    WHEN 'pay' THEN EXISTS (SELECT 1 FROM payments p
                      WHERE p.id = k.effect AND p.customer_id = k.customer_id)
                    WHEN 'reserve' THEN EXISTS (SELECT 1 FROM reservations r
                      WHERE r.id = k.effect AND r.customer_id = k.customer_id)
                    WHEN 'refund' THEN EXISTS (SELECT 1 FROM reservations r
                      WHERE r.id = k.effect AND r.customer_id = k.customer_id AND r.status = 'REFUNDED')
                    ELSE false END)
               + (SELECT count(*) FROM (
                    SELECT 1 FROM kept GROUP BY operation, effect HAVING count(*) > 1) AS twice)`,
  },
];
