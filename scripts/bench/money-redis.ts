import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createRoom } from './crowd.ts';
import { type Benchmark, type Context, median, quantile } from './rounds.ts';
import { createConcert, createCustomers, createHolds } from './stock.ts';

const CALLS = 100_000;
const FIRST = 70_000_001;
const HELD = 100_000;
const DUE = 3_000;
const DUE_WITHIN_SECONDS = 15;
const DELIVERY_PATIENCE_MS = 120_000;

export const claiming: Benchmark = {
  name: 'claim',
  part: 'money',
  what: 'claim.lua for one seat, against EVALSHA return 1, by redis-benchmark, unpipelined',
  async run({ bench, report, size }) {
    const { redis } = bench.services;
    const lua = readFileSync(new URL('../../src/seats/claim.lua', import.meta.url), 'utf8');
    const claim = String(await redis.call('SCRIPT', 'LOAD', lua));
    const nothing = String(await redis.call('SCRIPT', 'LOAD', 'return 1'));
    const rates = { claim: [] as number[], nothing: [] as number[] };
    for (let round = 0; round < size.rounds; round += 1) {
      const calls = Math.ceil(CALLS * size.share);
      const seat = 'seat:{1}:1:__rand_int__';
      rates.claim.push(rateOf(bench, calls, [claim, '1', seat, '10000001', 'bench', '10000']));
      rates.nothing.push(rateOf(bench, calls, [nothing, '1', seat, '10000001', 'bench', '10000']));
    }
    report.line({ what: 'claims per second', value: median(rates.claim), unit: '/s' });
    report.line({ what: 'EVALSHA return 1 per second', value: median(rates.nothing), unit: '/s' });
    report.line({
      what: 'claim.lua, of EVALSHA return 1',
      value: median(rates.claim) / median(rates.nothing),
      unit: '×',
      bound: { atLeast: 0.7 },
    });
  },
};

function rateOf({ redis }: Context['bench'], calls: number, evalsha: readonly string[]): number {
  const to = ['-h', '127.0.0.1', '-p', String(redis.port), '-a', redis.password, '--csv'];
  const much = ['-n', String(calls), '-c', '50', '-r', '1000000000'];
  const args = [...to, ...much, 'EVALSHA', ...evalsha];
  for (const command of ['redis-benchmark', 'valkey-benchmark']) {
    const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) continue;
    const [, row = ''] = stdout.trim().split('\n');
    return Number(row.slice(row.lastIndexOf('","', row.indexOf('","') + 3)).split('"')[2]);
  }
  throw new Error('There is neither redis-benchmark nor valkey-benchmark (Debian: redis-tools).');
}

export const releasing: Benchmark = {
  name: 'release',
  part: 'money',
  what: 'holds released after their deadline, with 100,000 live',
  async run({ bench, report, size }) {
    const held = Math.ceil(HELD * size.share);
    const due = Math.ceil(DUE * size.share);
    const { roomId } = await createRoom(bench);
    const sale = { roomId, ...(await createConcert(bench, roomId, held + due)) };
    await createCustomers(bench, FIRST, held + due);
    const later = `clock_timestamp() + interval '2 hours'`;
    await createHolds(bench, sale, { first: FIRST, seat: 1, count: held, due: later });
    const worker = await bench.startWorker();
    await untilDelivered(bench);
    const soon = `clock_timestamp() + interval '5 s' + n * interval '${DUE_WITHIN_SECONDS} s' / ${due}`;
    await createHolds(bench, sale, { first: FIRST + held, seat: held + 1, count: due, due: soon });
    await delay((DUE_WITHIN_SECONDS + 8) * 1_000);
    await worker.stop();
    const rows = await bench.services.db.query<{ late: number | null }>({
      text: `SELECT (extract(epoch FROM ended_at - expires_at) * 1000)::float8 AS late FROM reservations
             WHERE customer_id >= $1 AND customer_id < $2`,
      values: [FIRST + held, FIRST + held + due],
    });
    const late = rows.map((row) => row.late ?? Number.POSITIVE_INFINITY);
    report.line({
      what: 'hold released after its deadline, p99',
      value: quantile(late, 0.99),
      unit: 'ms late',
      bound: { atMost: 500 },
      detail: `${late.length} holds, p50 ${quantile(late, 0.5).toFixed(0)} ms, ${held} others live`,
    });
    report.line({
      what: 'holds released early',
      value: late.filter((ms) => ms < 0).length,
      unit: 'holds',
      bound: { atMost: 0 },
    });
  },
};

async function untilDelivered(bench: Context['bench']): Promise<void> {
  const until = performance.now() + DELIVERY_PATIENCE_MS;
  for (;;) {
    const [row] = await bench.services.db.query<{ pending: number }>({
      text: 'SELECT count(*)::int AS pending FROM outbox WHERE delivered_at IS NULL',
    });
    if (row?.pending === 0) return;
    if (performance.now() > until) throw new Error(`${row?.pending} events are not delivered`);
    await delay(500);
  }
}
