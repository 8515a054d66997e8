import type { Database, Statement } from '../platform/database.ts';

const CUSTOMERS = 100_000;
const CUSTOMERS_WITH_POINTS = 1_000;
const POINTS = 1_000_000;
const SEATS = 50;
const PRICE = 50_000;

/** Held while loading, so that two processes that start together load once. */
const LOCK = 7_032_001;

/**
 * Loads the demo on-sale into an empty database: room `main`, concert 1 with options 1 and 2, customers
 * 1..100,000, of whom the first 1,000 have 1,000,000 points. Does nothing where there is any customer,
 * concert or room.
 *
 * @returns whether it was loaded now
 */
export async function loadDemoData(db: Database): Promise<boolean> {
  return db.transaction(async (tx) => {
    const [, found] = await tx.batch([
      { text: 'SELECT pg_advisory_xact_lock($1)', values: [LOCK] },
      {
        text: `SELECT EXISTS (SELECT 1 FROM customers) OR EXISTS (SELECT 1 FROM concerts)
                 OR EXISTS (SELECT 1 FROM rooms) AS used`,
      },
    ]);
    if (found?.[0]?.used) return false;
    await tx.batch(DEMO);
    return true;
  });
}

const DEMO: Statement[] = [
  {
    text: `INSERT INTO rooms (id, name, capacity, slot_seconds, claim_seconds, grace_seconds, waiting_max,
                              poll_budget_per_second)
           VALUES ('main', 'Main room', 100, 600, 65, 240, 2000000, 2000)`,
  },
  {
    text: `INSERT INTO concerts (id, name, artist, room_id, sale_begin_at, sale_end_at)
           VALUES (1, 'Foyer in Concert', 'The Waiting Room', 'main',
                   clock_timestamp() - interval '1 day', clock_timestamp() + interval '1 year')`,
  },
  {
    text: `INSERT INTO options (id, concert_id, name, perform_at, price, capacity_limit, refund_until)
           SELECT n, 1, CASE n WHEN 1 THEN 'First night' ELSE 'Second night' END, at, $1, $2,
                  at - interval '1 day'
           FROM generate_series(1, 2) AS n,
                LATERAL (SELECT date_trunc('day', clock_timestamp()) + interval '13 months 10 hours'
                                + (n - 1) * interval '1 day' AS at) AS times`,
    values: [PRICE, SEATS],
  },
  {
    text: `INSERT INTO customers (id, name) SELECT n, 'Customer ' || n FROM generate_series(1, $1::int) AS n`,
    values: [CUSTOMERS],
  },
  {
    text: `INSERT INTO accounts (id, customer_id, balance)
           SELECT n, n, CASE WHEN n <= $2::int THEN $3::bigint ELSE 0 END
           FROM generate_series(1, $1::int) AS n`,
    values: [CUSTOMERS, CUSTOMERS_WITH_POINTS, POINTS],
  },
  {
    text: `INSERT INTO transfers (kind, to_account_id, amount, balance_after, ref_type, ref_id)
           SELECT 'GRANT', n, $2, $2, 'demo', n::text FROM generate_series(1, $1::int) AS n`,
    values: [CUSTOMERS_WITH_POINTS, POINTS],
  },
  ...['concerts', 'options', 'customers', 'accounts'].map((table) => ({
    text: `SELECT setval(pg_get_serial_sequence('${table}', 'id'), (SELECT max(id) FROM ${table}))`,
  })),
];
