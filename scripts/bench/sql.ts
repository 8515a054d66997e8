import pg from 'pg';
import type { Statement } from '../../src/platform/database.ts';
import { documentsStatement } from '../../src/reservations/documents.ts';
import { lockAccountStatement, lockReservationStatement } from '../../src/reservations/pay.ts';
import { reserveStatements } from '../../src/reservations/reserve.ts';
import { confirmStatement, lockCustomerStatement } from '../../src/reservations/transitions.ts';
import type { LoadResult } from './load.ts';

/**
 * What a reserve or a pay is measured against, in a process of its own: the same statements through plain `pg`,
 * prepared, one awaited after the other, in one transaction each.
 */
export interface SqlRequest {
  databaseUrl: string;
  operation: 'reserve' | 'pay';
  concertId: number;
  optionId: number;
  roomId: string;
  /** The next customer; seats follow the customers. */
  first: number;
  seat: number;
  concurrency: number;
  seconds: number;
}

/** As many as the API has. */
const POOL_MAX = 10;
let pool: pg.Pool | undefined;

async function run(asked: SqlRequest): Promise<LoadResult> {
  pool ??= new pg.Pool({ connectionString: asked.databaseUrl, max: POOL_MAX });
  const connections = pool;
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endsAt = startedAt + asked.seconds * 1_000;
  let next = 0;
  let wrong = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const nth = next;
      next += 1;
      const sentAt = performance.now();
      const client = await connections.connect();
      const done = await transaction(client, asked, nth).finally(() => client.release());
      if (!done) wrong += 1;
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: asked.concurrency }, worker));
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
  return {
    requests: latencies.length,
    seconds: (performance.now() - startedAt) / 1_000,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: latencies.at(-1) ?? 0,
    wrong,
    examples: wrong > 0 ? ['the statements answered no row'] : [],
    next,
  };
}

async function transaction(
  client: pg.PoolClient,
  asked: SqlRequest,
  nth: number,
): Promise<boolean> {
  const customerId = asked.first + nth;
  const rows = async (statement: Statement): Promise<pg.QueryResultRow[]> =>
    (await client.query(statement)).rows;
  await client.query('BEGIN');
  let answer: pg.QueryResultRow[] = [];
  if (asked.operation === 'reserve') {
    const { concertId, roomId, optionId, seat } = asked;
    const statements = reserveStatements({
      ...{ customerId, concertId, roomId, slotSeq: 1, reserverName: 'Bench' },
      ...{ claimId: `bench-${customerId}`, optionIds: [optionId], seats: [seat + nth] },
      ...{ holdSeconds: 3_600, seatsPerCustomerMax: 4 },
    });
    for (const statement of statements) answer = await rows(statement);
  } else {
    await rows(lockCustomerStatement(customerId));
    const [held] = await rows(lockReservationStatement(customerId, null));
    await rows(lockAccountStatement(customerId));
    const reservationId = Number(held?.['id']);
    await rows(confirmStatement(reservationId, 'POINT'));
    answer = await rows(documentsStatement({ customerId, reservationId, limit: 1 }));
  }
  await client.query('COMMIT');
  return answer.length === 1;
}

process.on('message', (message: SqlRequest) => {
  run(message).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
