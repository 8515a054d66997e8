import { createRoom, fillRoom, type Place, post, signQueueTokens, writeShots } from './crowd.ts';
import type { Shot } from './load.ts';
import { alternate, type Benchmark, type Context } from './rounds.ts';
import type { SqlRequest } from './sql.ts';
import { createConcert, createCustomers, createHolds, price } from './stock.ts';
import { countTrips } from './trips.ts';

const IN_FLIGHT = 32;
/** Before counting: connections open and what is cached is read. */
const TRIPS_WARM_UP = 20;
const TRIPS_COUNTED = 100;
/** Half of them for the requests, half for the bare statements. */
const BUYERS = 80_000;

interface Sale {
  roomId: string;
  concertId: number;
  optionId: number;
  places: Place[];
}

export const reserving: Benchmark = {
  name: 'reserve',
  part: 'money',
  what: 'reserve of one seat, whole request, against the same SQL over plain pg',
  run: (context) => compare(context, 'reserve', 40_000_001),
};

export const paying: Benchmark = {
  name: 'pay',
  part: 'money',
  what: 'pay, whole request, against the same SQL over plain pg',
  run: (context) => compare(context, 'pay', 50_000_001),
};

async function compare(
  context: Context,
  operation: SqlRequest['operation'],
  first: number,
): Promise<void> {
  const { bench, report, size } = context;
  const half = Math.ceil((BUYERS / 2) * size.share);
  const sale = await sell(context, first, half);
  if (operation === 'pay') {
    const due = `clock_timestamp() + interval '2 hours'`;
    await createHolds(bench, sale, { first, seat: 1, count: half * 2, due });
  }
  const shots = operation === 'reserve' ? reserveShots(sale) : payShots(sale);
  const api = await bench.startApi();
  report.line(await trips(context, operation, shots.splice(0, TRIPS_WARM_UP + TRIPS_COUNTED)));
  let next = first + half;
  const { of, ratio } = await alternate(context, [
    {
      name: operation,
      servers: [api],
      load: { file: writeShots(bench, shots), connections: IN_FLIGHT, once: true },
    },
    {
      name: 'the same SQL',
      servers: [],
      async run(seconds) {
        const seat = next - first + 1;
        const { databaseUrl } = bench;
        const { roomId, concertId, optionId } = sale;
        const asked = { databaseUrl, operation, roomId, concertId, optionId, first: next, seat };
        const result = await bench.sql({ ...asked, concurrency: IN_FLIGHT, seconds });
        next += result.next;
        return result;
      },
    },
  ]);
  report.figures(of(operation), of('the same SQL'));
  report.line({
    what: `${operation}, of the same SQL over plain pg`,
    value: ratio(operation, 'the same SQL'),
    unit: '×',
    bound: { atLeast: 0.7 },
  });
}

/** A room in which the first half has slots, a concert with a seat for each, and their points. */
async function sell({ bench }: Context, first: number, half: number): Promise<Sale> {
  const { roomId } = await createRoom(bench, {
    capacity: half,
    claimSeconds: 3_600,
    slotSeconds: 3_600,
  });
  const sale = await createConcert(bench, roomId, half * 2);
  await createCustomers(bench, first, half * 2);
  return { roomId, ...sale, places: await fillRoom(bench, roomId, { first, count: half }) };
}

export function reserveShots(
  { roomId, concertId, optionId, places }: Sale,
  seatOf = (nth: number): number => nth + 1,
): Shot[] {
  const tokens = signQueueTokens(roomId, places);
  return places.map(({ customerId }, nth) => ({
    request: post('/reservation/reserve', tokens[nth] ?? '', {
      reserver: { customerId, reserverName: 'Bench' },
      concertId,
      performances: [{ optionId, seatId: seatOf(nth) }],
    }),
    status: '200',
    expect: `"status":"HELD","seatId":${seatOf(nth)}`,
  }));
}

function payShots({ roomId, places }: Sale): Shot[] {
  const tokens = signQueueTokens(roomId, places);
  return places.map(({ customerId }, nth) => ({
    request: post('/reservation/pay', tokens[nth] ?? '', {
      customerId,
      pay: [{ payMethod: 'POINT', payAmount: price }],
    }),
    status: '200',
    expect: `{"customerId":${customerId},"tickets":`,
  }));
}

/** Awaited round trips to Postgres, counted on the wire, one request at a time. */
async function trips({ bench }: Context, operation: string, shots: Shot[]) {
  const counted = await countTrips(bench.databaseUrl);
  const api = await bench.startApi({ DATABASE_URL: counted.databaseUrl });
  const warmUp = writeShots(bench, shots.splice(0, TRIPS_WARM_UP));
  const file = writeShots(bench, shots);
  const load = { file, ports: [api.port], connections: 1, seconds: 10, once: true };
  await bench.load({ ...load, file: warmUp });
  const before = counted.count();
  const { requests, wrong, examples } = await bench.load(load);
  const value = (counted.count() - before) / requests;
  await api.stop();
  await counted.close();
  if (wrong > 0) throw new Error(`wrong answers: ${examples[0]}`);
  return {
    what: `${operation}, awaited round trips to Postgres`,
    value,
    unit: 'trips',
    bound: { atMost: 2 },
    detail: 'counted on the wire, the once-a-second read of the sale included: an upper bound',
  };
}
