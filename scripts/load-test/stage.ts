import { createSecretKey, randomBytes } from 'node:crypto';
import jwt from 'jsonwebtoken';
import pg from 'pg';
import { z } from 'zod';
import type { HttpClient } from './http-client.ts';
import type { LoadOptions } from './options.ts';
import type { Sale } from './world.ts';

/** The customers of the run: ids that follow each other, or were given. */
export interface Stage {
  sale: Sale;
  customerIds: number[];
}

const PRICE = 50_000;
const SEATS_EACH_MAX = 4;
const AT_ONCE = 16;
const JWT_SECONDS = 12 * 3_600;
const DAY_MS = 86_400_000;

/**
 * Makes a room, a concert and customers of the run's own, through the admin API; in a private Foyer the
 * customers come by one statement, with points.
 *
 * @throws Error with one sentence when the system does not allow it
 */
export async function setTheStage(options: {
  load: LoadOptions;
  client: HttpClient;
  adminKey: string;
  /** Of a private Foyer. */
  databaseUrl: string | undefined;
}): Promise<Stage> {
  const { load } = options;
  const make = async (path: string, body: object): Promise<unknown> => {
    const answer = await options.client.ask({
      method: 'POST',
      path,
      token: options.adminKey,
      body,
    });
    if (answer.status === 201) return answer.body;
    throw new Error(
      `POST ${path} was answered ${answer.status} ${answer.code}: is the admin key right?`,
    );
  };

  // Several sales may begin within the same millisecond.
  const roomId = `load-${Date.now().toString(36)}-${randomBytes(4).toString('hex')}`;
  const room = {
    capacity: load.slots,
    slotSeconds: load['slot-time'],
    graceSeconds: load.grace,
    claimSeconds: Math.ceil(load.grace / 4) + 5,
    pollBudgetPerSecond: load['poll-budget'],
  };
  await make('/admin/rooms', { roomId, name: `Load test of ${load.buyers} buyers`, ...room });
  const now = Date.now();
  const { concertId } = z.object({ concertId: z.number() }).parse(
    await make('/admin/concerts', {
      concertName: 'Load test',
      artist: 'Nobody',
      roomId,
      saleBeginAt: new Date(now - DAY_MS).toISOString(),
      saleEndAt: new Date(now + DAY_MS).toISOString(),
    }),
  );
  const { optionId } = z.object({ optionId: z.number() }).parse(
    await make(`/admin/concerts/${concertId}/options`, {
      optionName: 'Load test',
      performAt: new Date(now + 30 * DAY_MS).toISOString(),
      price: PRICE,
      capacityLimit: load.seats,
    }),
  );
  const customers = await findCustomers(options, make);
  return {
    sale: {
      roomId,
      concertId,
      optionId,
      price: PRICE,
      capacity: load.slots,
      slotSeconds: load['slot-time'],
      graceSeconds: load.grace,
      paidUp: customers.paidUp,
      customerToken: shopTokens(load['customer-jwt-secret']),
    },
    customerIds: customers.ids,
  };
}

async function findCustomers(
  options: { load: LoadOptions; databaseUrl: string | undefined },
  make: (path: string, body: object) => Promise<unknown>,
): Promise<{ ids: number[]; paidUp: (customerId: number) => boolean }> {
  const { buyers, customers, poor } = options.load;
  if (options.databaseUrl !== undefined) {
    const ids = await insertCustomers(options.databaseUrl, buyers, poor);
    // Of sales that are made at the same time, ids alternate.
    const penniless = new Set(ids.slice(0, Math.round(buyers * poor)));
    return { ids: shuffled(ids), paidUp: (customerId) => !penniless.has(customerId) };
  }
  const paidUp = (): boolean => false;
  if (customers !== undefined) {
    const [first = 1, last = 0] = customers.split('-').map(Number);
    const ids = Array.from({ length: Math.min(buyers, last - first + 1) }, (_, nth) => first + nth);
    if (ids.length < buyers)
      throw new Error(`--customers ${customers} are fewer than --buyers ${buyers}.`);
    return { ids, paidUp };
  }
  const ids: number[] = [];
  let left = buyers;
  const makeSome = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const made = await make('/admin/customers', { name: 'Load test' });
      ids.push(z.object({ customerId: z.number() }).parse(made).customerId);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, makeSome));
  return { ids, paidUp };
}

/** The poor come first; all others have points for as many seats as one may buy. */
async function insertCustomers(
  databaseUrl: string,
  count: number,
  poor: number,
): Promise<number[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `WITH made AS (INSERT INTO customers (name) SELECT 'Buyer ' || n FROM generate_series(1, $1::int) AS n
                     RETURNING id),
            opened AS (INSERT INTO accounts (customer_id, balance)
              SELECT id, CASE WHEN row_number() OVER (ORDER BY id) <= $2::int THEN 0 ELSE $3::bigint END FROM made
              RETURNING id, balance),
            granted AS (INSERT INTO transfers (kind, to_account_id, amount, balance_after, ref_type, ref_id)
              SELECT 'GRANT', id, balance, balance, 'load-test', id::text FROM opened WHERE balance > 0)
       SELECT id FROM made ORDER BY id`,
      [count, Math.round(count * poor), PRICE * SEATS_EACH_MAX],
    );
    return rows.map((row) => Number(row.id));
  } finally {
    await client.end();
  }
}

/** In an order that has nothing to do with the ids, and is the same each time. */
function shuffled(ids: number[]): number[] {
  const stride = 7_919;
  return [...ids].sort((a, b) => ((a * stride) % 10_007) - ((b * stride) % 10_007) || a - b);
}

function shopTokens(secret: string | undefined): (customerId: number) => string | undefined {
  if (secret === undefined) return () => undefined;
  const key = createSecretKey(secret, 'utf8');
  return (customerId) =>
    jwt.sign({}, key, { algorithm: 'HS256', subject: String(customerId), expiresIn: JWT_SECONDS });
}
