import type { Database, Statement, Tx } from '../platform/database.ts';
import { AppError, ERRORS, type ErrorCode, type ErrorDetails } from '../platform/errors.ts';

/** A request that carries an Idempotency-Key. */
export interface IdempotencyRequest {
  key: string;
  /** Of everything the request asks for: the same key with another hash is a mistake. */
  hash: string;
}

/** What a keyed operation answers: its first answer, whether given now or before. */
export interface Keyed<T> {
  value: T;
  replayed: boolean;
}

/** Keys are kept this long. */
const KEPT_HOURS = 24;
const PURGE_ROWS_MAX = 10_000;
const RETRY_AFTER_SECONDS = 1;
const SAVEPOINT = 'before_effect';

/** The row's shape: an answer or a lasting refusal. */
type Outcome<T> = { value: T } | { refusal: Refusal };
interface Refusal {
  code: ErrorCode;
  details: ErrorDetails;
}

/**
 * Runs `work` in a transaction, at most once per (customer, operation, key): the answer is written in the
 * effect's own transaction, so that neither is there without the other, and is given again to whoever comes
 * with the same key. A lasting refusal is kept without its effect. Without a request it is a transaction.
 *
 * @throws IDEMPOTENCY_IN_PROGRESS while another runs, IDEMPOTENCY_KEY_REUSED for another request, and what
 * `work` throws
 */
export function idempotently<T>(
  db: Database,
  scope: { customerId: number; operation: string; request: IdempotencyRequest | undefined },
  work: (tx: Tx) => Promise<T>,
): Promise<Keyed<T>> {
  const { customerId, operation, request } = scope;
  if (!request) {
    return db.transaction(async (tx) => ({ value: await work(tx), replayed: false }));
  }
  const id = [customerId, operation, request.key];

  return db.transaction(async (tx) => {
    const [locks, known] = await tx.batch([
      {
        name: 'idempotency-lock',
        text: `SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 0)) AS locked`,
        values: [id.join('\n')],
      },
      {
        name: 'idempotency-find',
        text: `SELECT request_hash, outcome FROM idempotency_keys
               WHERE customer_id = $1 AND operation = $2 AND key = $3
                 AND created_at > clock_timestamp() - make_interval(hours => $4)`,
        values: [...id, KEPT_HOURS],
      },
      { text: `SAVEPOINT ${SAVEPOINT}` },
    ]);
    if (!locks?.[0]?.locked) {
      throw new AppError('IDEMPOTENCY_IN_PROGRESS', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    const first = known?.[0];
    if (first) return { value: replay<T>(first, request.hash), replayed: true };

    const keep = (outcome: Outcome<T>): Statement => ({
      name: 'idempotency-keep',
      text: `INSERT INTO idempotency_keys (customer_id, operation, key, request_hash, outcome)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (customer_id, operation, key) DO UPDATE
               SET request_hash = excluded.request_hash, outcome = excluded.outcome,
                   created_at = excluded.created_at`,
      values: [...id, request.hash, JSON.stringify(outcome)],
    });
    let value: T;
    try {
      // The commit is ours: it carries the answer.
      value = await work({ ...tx, commitWith: tx.batch });
    } catch (error) {
      if (!(error instanceof AppError && isLasting(error))) throw error;
      const refusal: Refusal = { code: error.code, details: error.details };
      await tx.commitWith([{ text: `ROLLBACK TO ${SAVEPOINT}` }, keep({ refusal })]);
      throw error;
    }
    await tx.commitWith([keep({ value })]);
    return { value, replayed: false };
  });
}

/** Drops keys that are no longer kept; at most 10,000 a call. */
export async function purgeIdempotencyKeys(db: Database): Promise<number> {
  const rows = await db.query({
    text: `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM idempotency_keys
             WHERE created_at < clock_timestamp() - make_interval(hours => $1) LIMIT $2)) RETURNING 1`,
    values: [KEPT_HOURS, PURGE_ROWS_MAX],
  });
  return rows.length;
}

function replay<T>(row: { request_hash: string; outcome: Outcome<T> }, hash: string): T {
  if (row.request_hash !== hash) throw new AppError('IDEMPOTENCY_KEY_REUSED');
  if ('value' in row.outcome) return row.outcome.value;
  const { code, details } = row.outcome.refusal;
  throw new AppError(code, { details: { ...details, idempotencyReplayed: true } });
}

/** What the same request may overcome later is not kept: budget, conflicts, limits, outages, no slot yet. */
function isLasting({ code, retryAfterSeconds }: AppError): boolean {
  if (retryAfterSeconds !== undefined) return false;
  const { status } = ERRORS[code];
  return status >= 400 && status < 500 && status !== 402 && status !== 409 && status !== 429;
}
