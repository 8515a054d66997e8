import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../generated/prisma/client.ts';
import { isLost } from './database-errors.ts';
import { errorCode } from './errors.ts';
import type { Logger } from './logger.ts';

/** A parameterised statement; with a name it is prepared once per connection. */
export interface Statement {
  name?: string;
  text: string;
  values?: unknown[];
}

/** Rows of one statement; whoever wrote the statement knows their shape. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of a row is the statement's, not the type system's.
export type Rows = any[];

/**
 * One transaction on one connection. Statements of a batch travel together, without waiting for each other,
 * so that a batch costs one round trip; when one fails, the rest of its batch is not run.
 */
export interface Tx {
  batch(statements: Statement[]): Promise<Rows[]>;
  /** As `batch`, with the COMMIT in the same trip; nothing may follow. */
  commitWith(statements: Statement[]): Promise<Rows[]>;
  /** Rolls back, and reads on the same connection what explains why; `work` must throw afterwards. */
  abandon(statements: Statement[]): Promise<Rows[]>;
}

export interface Database {
  pool: pg.Pool;
  prisma: PrismaClient;
  /** One statement, committed by itself. */
  query<R>(statement: Statement): Promise<R[]>;
  /**
   * Runs `work` in a transaction: BEGIN travels with its first batch. Rolls back when it throws, commits when
   * it returns without `commitWith`, and runs it again, a few times, when Postgres asks for it (deadlock,
   * serialization failure): `work` must hold nothing outside the transaction.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Postgres answers, every migration is applied, and the final judge of seats is in place. */
  readiness(
    migrations: readonly string[],
  ): Promise<{ name: string; ok: boolean; detail: string }[]>;
  close(): Promise<void>;
}

const POOL_MAX = 10;
const PRISMA_POOL_MAX = 3;
/** Longer than this without a free or new connection is an outage for the caller. */
const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Nobody waits longer for a row that somebody else holds; the caller may try again. */
const LOCK_TIMEOUT_MS = 3_000;
/** A transaction whose process hangs gives its locks back after this. */
const IDLE_IN_TRANSACTION_MS = 5_000;
/** Queued longer than the statement may take, plus the trip: the server is gone without a word. */
const QUERY_TIMEOUT_MS = 12_000;
const TRANSACTION_TRIES_MAX = 5;

const INT8_OID = 20;

/** Opens pools; the first statement connects. */
export function createDatabase(options: {
  url: string;
  logger: Logger;
  poolMax?: number;
}): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolMax ?? POOL_MAX,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    pipeline: true,
    types: { getTypeParser },
  });
  pool.on('error', (error) => {
    // Closing is not waited for by the server, which may be stopped right after.
    if (!pool.ending) options.logger.warn({ error }, 'an idle Postgres connection broke');
  });
  // The pool listens to idle connections alone: one that breaks between two trips of a transaction must not
  // end the process. Whoever uses it is told by the next statement.
  pool.on('connect', (client) => {
    client.on('error', (error) => options.logger.debug({ error }, 'a Postgres connection broke'));
  });
  const prisma = new PrismaClient({
    adapter: new PrismaPg({
      connectionString: options.url,
      max: PRISMA_POOL_MAX,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
    }),
  });

  async function query<R>(statement: Statement): Promise<R[]> {
    const { rows } = await pool.query(statement);
    return rows;
  }

  return {
    pool,
    prisma,
    query,
    async transaction(work) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await runTransaction(pool, work);
        } catch (error) {
          if (attempt >= TRANSACTION_TRIES_MAX || !RETRIED.has(errorCode(error))) throw error;
        }
      }
    },
    async readiness(migrations) {
      try {
        return await readiness(query, migrations);
      } catch {
        return [{ name: 'postgres', ok: false, detail: 'away' }];
      }
    },
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Takes a connection when the first statement is sent, so that who is refused before costs Postgres nothing. */
async function runTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  let client: pg.PoolClient | undefined;
  let committed = false;
  let broken = false;

  const send = async (
    statements: Statement[],
    around: { first?: string; last?: string } = {},
  ): Promise<Rows[]> => {
    const first = client ? around.first : 'BEGIN';
    client ??= await pool.connect();
    const connection = client;
    const all: Statement[] = [
      ...(first ? [{ text: first }] : []),
      ...statements,
      ...(around.last ? [{ text: around.last }] : []),
    ];
    const results = await allOrFirstError(sendTogether(connection, all));
    const offset = first ? 1 : 0;
    return results.slice(offset, offset + statements.length).map((result) => result.rows);
  };

  try {
    const result = await work({
      batch: (statements) => send(statements),
      async commitWith(statements) {
        const rows = await send(statements, { last: 'COMMIT' });
        committed = true;
        return rows;
      },
      abandon: (statements) => send(statements, { first: 'ROLLBACK' }),
    });
    if (!committed) await client?.query('COMMIT');
    return result;
  } catch (error) {
    if (isLost(error)) broken = true;
    else {
      await client?.query('ROLLBACK').catch(() => {
        broken = true;
      });
    }
    throw error;
  } finally {
    client?.release(broken);
  }
}

/** In one write: by itself, each statement would cost a system call and wake the server. */
function sendTogether(client: pg.PoolClient, statements: Statement[]): Promise<pg.QueryResult>[] {
  const { stream } = client.connection;
  stream.cork();
  try {
    return statements.map((statement) => client.query(statement));
  } finally {
    stream.uncork();
  }
}

/**
 * Waits for all, so that the connection is quiet, then throws the first error. After a failed statement the
 * server refuses the others of the transaction, a COMMIT included: it answers ROLLBACK.
 */
async function allOrFirstError<T>(promises: Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function readiness(query: Database['query'], migrations: readonly string[]) {
  const [row] = await query<{ applied: string[]; index: boolean }>({
    text: `SELECT ARRAY(SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL) AS applied,
                  EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('tickets_one_live_per_seat')
                          AND indisunique AND indisvalid AND indpred IS NOT NULL) AS index`,
  });
  const missing = migrations.filter((name) => !row?.applied.includes(name));
  return [
    { name: 'postgres', ok: true, detail: 'answers' },
    {
      name: 'migrations',
      ok: missing.length === 0,
      detail: missing.length === 0 ? 'applied' : `missing: ${missing.join(', ')}`,
    },
    {
      name: 'seat index',
      ok: row?.index === true,
      detail: row?.index ? 'unique, valid and partial' : 'tickets_one_live_per_seat is not there',
    },
  ];
}

/** Serialization failure, deadlock. */
const RETRIED = new Set(['40001', '40P01']);

/** Ids and money are safe integers everywhere inside; a bigint beyond that is a fault, not a rounding. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid !== INT8_OID) return pg.types.getTypeParser(oid, format);
  return (text: string) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw new Error(`bigint ${text} is not a safe integer`);
    return value;
  };
}
