import { randomUUID } from 'node:crypto';
import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import { type IdempotencyRequest, idempotently, type Keyed } from './idempotency.ts';

export const CHARGE_MIN = 10;
export const CHARGE_MAX = 100_000_000;
const HISTORY_PAGE_MAX = 100;

export type TransferKind = 'GRANT' | 'CHARGE' | 'PAY' | 'REFUND';

/** One movement of a customer's points; `amount` is negative where points left the account. Won. */
export interface PointMovement {
  transferId: number;
  kind: TransferKind;
  amount: number;
  balance: number;
  at: string;
  ref: string;
}

export interface Charge {
  balance: number;
  transferId: number;
}

/** Prepaid points, kept as a ledger: a balance changes only together with its transfer. */
export interface Points {
  /** `heldAmount` is what the customer's live hold will cost. @throws CUSTOMER_NOT_FOUND */
  balance(customerId: number): Promise<{ balance: number; heldAmount: number }>;
  /** Adds points. @throws CUSTOMER_NOT_FOUND, CUSTOMER_INACTIVE, and those of `idempotently` */
  charge(request: {
    customerId: number;
    amount: number;
    idempotency?: IdempotencyRequest | undefined;
  }): Promise<Keyed<Charge>>;
  /** Newest first; `next` is the cursor of the next page. */
  history(request: {
    customerId: number;
    cursor?: number | undefined;
    limit?: number | undefined;
  }): Promise<{ items: PointMovement[]; next: number | null }>;
}

export function createPoints(db: Database): Points {
  return {
    async balance(customerId) {
      const [row] = await db.query<{ balance: number; held: number }>({
        name: 'points-balance',
        text: `SELECT coalesce(a.balance, 0) AS balance,
                      coalesce((SELECT sum(total)::bigint FROM reservations WHERE customer_id = $1
                                AND status = 'HELD' AND expires_at > clock_timestamp()), 0) AS held
               FROM customers c LEFT JOIN accounts a ON a.customer_id = c.id WHERE c.id = $1`,
        values: [customerId],
      });
      if (!row) throw new AppError('CUSTOMER_NOT_FOUND');
      return { balance: row.balance, heldAmount: row.held };
    },

    async charge({ customerId, amount, idempotency }) {
      const scope = { customerId, operation: 'charge', request: idempotency };
      return idempotently(db, scope, async (tx) => {
        const [rows, standing] = await tx.commitWith([
          chargeStatement(customerId, amount),
          {
            name: 'customer-active',
            text: 'SELECT active FROM customers WHERE id = $1',
            values: [customerId],
          },
        ]);
        const row = rows?.[0];
        if (row) return { balance: row.balance, transferId: row.transfer_id };
        throw new AppError(standing?.[0] ? 'CUSTOMER_INACTIVE' : 'CUSTOMER_NOT_FOUND');
      });
    },

    async history({ customerId, cursor, limit = 50 }) {
      const count = Math.min(limit, HISTORY_PAGE_MAX);
      const rows = await db.query<{
        id: number;
        kind: TransferKind;
        amount: number;
        balance_after: number;
        created_at: Date;
        ref: string;
      }>({
        name: 'points-history',
        text: `SELECT t.id, t.kind, CASE WHEN t.to_account_id = a.id THEN t.amount ELSE -t.amount END AS amount,
                      t.balance_after, t.created_at, t.ref_type || ':' || t.ref_id AS ref
               FROM accounts a JOIN transfers t ON a.id IN (t.from_account_id, t.to_account_id)
               WHERE a.customer_id = $1 AND t.id < $2 ORDER BY t.id DESC LIMIT $3`,
        values: [customerId, cursor ?? Number.MAX_SAFE_INTEGER, count],
      });
      const items = rows.map((row) => ({
        transferId: row.id,
        kind: row.kind,
        amount: row.amount,
        balance: row.balance_after,
        at: row.created_at.toISOString(),
        ref: row.ref,
      }));
      return { items, next: rows.length === count ? (rows.at(-1)?.id ?? null) : null };
    },
  };
}

/** Balance and transfer in one statement; a customer's first charge opens the account. */
function chargeStatement(customerId: number, amount: number) {
  return {
    name: 'points-charge',
    text: `WITH account AS (
             INSERT INTO accounts (customer_id, balance)
             SELECT id, $2 FROM customers WHERE id = $1 AND active
             ON CONFLICT (customer_id) DO UPDATE SET balance = accounts.balance + excluded.balance
             RETURNING id, balance)
           INSERT INTO transfers (kind, to_account_id, amount, balance_after, ref_type, ref_id)
           SELECT 'CHARGE', id, $2, balance, 'charge', $3 FROM account
           RETURNING id AS transfer_id, balance_after AS balance`,
    values: [customerId, amount, randomUUID()],
  };
}
