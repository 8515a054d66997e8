import { setTimeout as delay } from 'node:timers/promises';
import { readOptions } from '../load-test/options.ts';
import { runLoad, type Target } from '../load-test/run.ts';
import type { LoadReport } from '../load-test/summary.ts';
import { judge } from '../load-test/verdict.ts';
import { type Benchmark, median } from './rounds.ts';
import { ADMIN_KEY } from './servers.ts';

/** What `npm run load-test` does by itself, in half the time: people think for 4 s, and all other times are halved. */
const HOLD_SECONDS = '15';
const PACE = `--think 4 --hold ${HOLD_SECONDS} --slot-time 30 --grace 30 --poll-budget 60`;
/** How far the seats go decides what becomes of a promise: for all, for nine turns of the slots, for less than three. */
const KINDS = {
  plenty: '--buyers 250 --seats 1000 --slots 20 --over 45',
  late: '--buyers 400 --seats 330 --slots 20 --over 45',
  soon: '--buyers 500 --seats 200 --slots 40 --over 20',
};
/** Of each pattern; four of seven sell out, one of them before anybody could learn how. */
const SALES = ['plenty', 'late', 'plenty', 'late', 'plenty', 'late', 'soon'] as const;
/** The target's patterns, and how buyers arrive in their sales, in turn. */
const PATTERNS = [
  { pattern: 'steady', arrivals: ['burst', 'steady'] },
  { pattern: 'ramping', arrivals: ['ramp'] },
  { pattern: 'wave', arrivals: ['wave'] },
] as const;
/** Not all sales open in the same moment. */
const BETWEEN_STARTS_MS = 800;
const CONNECTIONS = 40;
const SALE_SECONDS_MAX = 150;
const COVERED = { atLeast: 0.85, atMost: 0.95 };
const MEDIAN_ERROR_MAX = 0.2;

interface Sale {
  pattern: string;
  /** How buyers arrive, and how far the seats go. */
  name: string;
  report: LoadReport;
}

/** Many short sales at the same time, by real buyers over HTTP: the first wait each was told against the real one. */
export const promises: Benchmark = {
  name: 'eta',
  part: 'room',
  what: 'waits that were promised in real short sales, against those that came',
  async run({ bench, report, size }) {
    const api = await bench.startApi({ CUSTOMER_AUTH: 'open', HOLD_SECONDS });
    await bench.startWorker();
    const { databaseUrl } = bench;
    const target: Target = {
      urls: [`http://127.0.0.1:${api.port}`],
      adminKey: ADMIN_KEY,
      databaseUrl,
      redisUrl: bench.redis.url,
      own: { databaseUrl, processes: [] },
    };
    // Another seed each time: what holds must hold for any crowd.
    const seed = Date.now() % 1_000_000;
    const plan = planned(size.share).map((sale, nth) => ({ ...sale, nth }));
    report.note(`  ${plan.length} sales at the same time, seeds from ${seed}`);
    const sales = await Promise.all(
      plan.map(async ({ pattern, name, flags, nth }): Promise<Sale> => {
        await delay(nth * BETWEEN_STARTS_MS);
        const limits = `--connections ${CONNECTIONS} --timeout ${SALE_SECONDS_MAX} --max-overrun 0`;
        const text = `${flags} ${PACE} ${limits} --seed ${seed + nth} --quiet`;
        const options = readOptions(text.split(' '));
        const sold = await runLoad(options, target, new AbortController().signal, () => undefined);
        for (const { title, value, ok } of judge(sold, options))
          if (!ok) report.failed(name, `${title}: ${value}`);
        return { pattern, name, report: sold };
      }),
    );
    for (const { pattern } of PATTERNS) {
      const own = sales.filter((sale) => sale.pattern === pattern);
      const pooled = pool(own);
      report.line({
        what: `${pattern} sales, waits within the promised p90`,
        value: pooled.covered,
        unit: 'of them',
        bound: COVERED,
        detail: `${pooled.waits} waits; by sale ${own.map(coverageOf).join(', ')}`,
      });
      report.line({
        what: `${pattern} sales, median error of the promised p50`,
        value: pooled.medianError,
        unit: 'of the wait',
        bound: { atMost: MEDIAN_ERROR_MAX },
      });
    }
  },
};

/** @param share below 1 leaves out what comes twice. */
function planned(share: number): { pattern: string; name: string; flags: string }[] {
  return PATTERNS.flatMap(({ pattern, arrivals }) =>
    SALES.slice(share < 1 ? -3 : 0).map((kind, nth) => {
      const curve = arrivals[Math.floor(nth / 2) % arrivals.length] ?? arrivals[0];
      return { pattern, name: `${curve} ${kind}`, flags: `--arrivals ${curve} ${KINDS[kind]}` };
    }),
  );
}

function pool(sales: readonly Sale[]): { waits: number; covered: number; medianError: number } {
  const waits = sales.flatMap((sale) => sale.report.waits);
  const covered = waits.filter(({ waited, p90 }) => waited <= p90).length / waits.length;
  const errors = waits.map(({ waited, p50 }) => Math.abs(p50 - waited) / waited);
  return { waits: waits.length, covered, medianError: median(errors) };
}

function coverageOf({ name, report }: Sale): string {
  return `${name} ${report.eta.coverage?.toFixed(2) ?? '–'}`;
}
