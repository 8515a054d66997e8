import type pg from 'pg';
import type { Database } from './database.ts';

/** One line of what must never break, checked against stored data. */
export interface InvariantCheck {
  id: string;
  title: string;
  violations: number;
  /** False when the check could not be made, for instance because it took too long. */
  checked: boolean;
}

/** A check as one query that counts violations; a healthy system answers 0. */
export interface SqlCheck {
  id: string;
  title: string;
  sql: string;
}

/** How long one check may take; one that takes longer is reported as not made, never as passed. */
export const CHECK_TIMEOUT_MS = 20_000;

/** What keeps a run of checks from taking for ever. */
export interface CheckLimits {
  /** For each check, ms. */
  timeoutMs: number;
  /** Leaves out what has to look twice, seconds apart. */
  once?: boolean;
  /** Ends the run before the next check. */
  signal?: AbortSignal | undefined;
}

/** Runs the checks one after the other, each in a snapshot of its own that no writer waits for. */
export async function runSqlChecks(
  db: Database,
  checks: readonly SqlCheck[],
  { timeoutMs, signal }: CheckLimits,
): Promise<InvariantCheck[]> {
  const results: InvariantCheck[] = [];
  for (const { id, title, sql } of checks) {
    signal?.throwIfAborted();
    results.push({ id, title, ...(await countViolations(db, sql, timeoutMs)) });
  }
  return results;
}

/** Sorting and hashing large tables in memory, without a second core that buyers need. */
const GENTLE = "SET LOCAL work_mem = '64MB'; SET LOCAL max_parallel_workers_per_gather = 0";
/** The server ends a late statement first; the client waits a little longer for its word. */
const TRIP_MS = 2_000;

async function countViolations(
  db: Database,
  sql: string,
  timeoutMs: number,
): Promise<{ violations: number; checked: boolean }> {
  let broken = false;
  let client: pg.PoolClient | undefined;
  try {
    client = await db.pool.connect();
    await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}; ${GENTLE}`);
    const statement = {
      text: `SELECT (${sql})::float8 AS violations`,
      query_timeout: timeoutMs + TRIP_MS,
    };
    const { rows } = await client.query<{ violations: number }>(statement);
    await client.query('COMMIT');
    return { violations: rows[0]?.violations ?? 0, checked: true };
  } catch {
    await client?.query('ROLLBACK').catch(() => {
      broken = true;
    });
    return { violations: 0, checked: false };
  } finally {
    client?.release(broken);
  }
}

/** A finished check as every process can read it: when it was made by Postgres' clock, ms since 1970. */
export interface StoredCheck {
  id: string;
  violations: number;
  checkedAtMs: number;
  ageSeconds: number;
}

/** Keeps what the finished checks counted; one that was not made leaves its last result and its age. */
export async function storeChecks(db: Database, checks: readonly InvariantCheck[]): Promise<void> {
  const made = checks.filter((check) => check.checked);
  await db.query({
    name: 'invariants-store',
    text: `INSERT INTO invariant_results (id, violations, checked_at)
           SELECT id, violations, clock_timestamp() FROM unnest($1::text[], $2::bigint[]) AS made (id, violations)
           ON CONFLICT (id) DO UPDATE SET violations = excluded.violations, checked_at = excluded.checked_at`,
    values: [made.map((check) => check.id), made.map((check) => check.violations)],
  });
}

export function readStoredChecks(db: Database): Promise<StoredCheck[]> {
  return db.query<StoredCheck>({
    name: 'invariants-read',
    text: `SELECT id, violations, (extract(epoch FROM checked_at) * 1000)::float8 AS "checkedAtMs",
             extract(epoch FROM clock_timestamp() - checked_at)::float8 AS "ageSeconds"
           FROM invariant_results`,
  });
}
