import { setTimeout as delay } from 'node:timers/promises';
import { readOptions } from '../load-test/options.ts';
import { runLoad, type Target } from '../load-test/run.ts';
import type { LoadReport } from '../load-test/summary.ts';
import { judge } from '../load-test/verdict.ts';
import { type Benchmark, type Context, median } from './rounds.ts';
import { ADMIN_KEY } from './servers.ts';

/** As `npm run load-test` by itself, but for the polls: two cores have to play two dozen sales at the same time. */
const HOLD_SECONDS = '30';
const PACE = `--hold ${HOLD_SECONDS} --poll-budget 30`;
/** How far the seats go decides what becomes of a promise: for all, for nine turns of the slots, for less than three. */
const KINDS = {
  plenty: '--buyers 250 --seats 1000 --slots 20 --over 90',
  late: '--buyers 400 --seats 330 --slots 20 --over 90',
  soon: '--buyers 500 --seats 200 --slots 40 --over 40',
};
type Kind = keyof typeof KINDS;
/** Of each pattern; four of seven sell out, one of them before anybody could learn how. */
const SALES: readonly Kind[] = ['plenty', 'late', 'plenty', 'late', 'plenty', 'late', 'soon'];
const COVERED = { atLeast: 0.85, atMost: 0.95 };
/** The target's patterns; and bursts, which it leaves out: there all are promised by one look at the first shoppers. */
const PATTERNS = [
  { pattern: 'steady', curve: 'steady', kinds: SALES, bound: COVERED },
  { pattern: 'ramping', curve: 'ramp', kinds: SALES, bound: COVERED },
  { pattern: 'wave', curve: 'wave', kinds: SALES, bound: COVERED },
  { pattern: 'burst', curve: 'burst', kinds: SALES.slice(-3), bound: { atLeast: COVERED.atLeast } },
] as const;
/** The waits of one sale share their fate, so that it takes more than sixty to tell a share to within a few points. */
const ROUNDS = 4;
/** Not all sales open in the same moment. */
const BETWEEN_STARTS_MS = 800;
const CONNECTIONS = 40;
const SALE_SECONDS_MAX = 300;
const MEDIAN_ERROR_MAX = 0.2;

interface Planned {
  pattern: string;
  kind: Kind;
  /** How buyers arrive, and how far the seats go. */
  name: string;
  flags: string;
}

interface Sale extends Planned {
  report: LoadReport;
}

/** Many short sales at the same time, by real buyers over HTTP: the first wait each was told against the real one. */
export const promises: Benchmark = {
  name: 'eta',
  part: 'room',
  what: 'waits that were promised in real short sales, against those that came',
  async run(context) {
    const target = await open(context);
    const sales: Sale[] = [];
    for (let round = 0; round < (context.size.share < 1 ? 1 : ROUNDS); round += 1) {
      sales.push(...(await sell(context, target, planned(context.size.share))));
    }
    for (const { pattern, bound } of PATTERNS) {
      const own = sales.filter((sale) => sale.pattern === pattern);
      const { covered, coveredError, medianError, waits, uncalled } = pool(own);
      context.report.line({
        what: `${pattern} sales, waits within the promised p90`,
        value: covered,
        unit: 'of them',
        bound,
        detail: `±${coveredError.toFixed(3)}; ${waits} waits, ${uncalled} of them uncalled beyond it; by sale ${own.map(coverageOf).join(', ')}`,
      });
      context.report.line({
        what: `${pattern} sales, median error of the promised p50`,
        value: medianError,
        unit: 'of the wait',
        bound: { atMost: MEDIAN_ERROR_MAX },
      });
    }
    const all = pool(sales);
    context.report.line({
      what: 'all these sales, waits within the promised p90',
      value: all.covered,
      unit: 'of them',
      bound: COVERED,
      detail: `±${all.coveredError.toFixed(3)}; ${all.waits} waits, ${all.uncalled} of them uncalled beyond it; median error ${all.medianError.toFixed(2)}`,
    });
    for (const kind of ['plenty', 'late', 'soon'] as const) {
      const { covered, medianError, waits } = pool(sales.filter((sale) => sale.kind === kind));
      context.report.line({
        what: `sales of every pattern, seats: ${kind}`,
        value: covered,
        unit: 'within p90',
        detail: `median error ${medianError.toFixed(2)}; ${waits} waits`,
      });
    }
  },
};

async function open({ bench }: Context): Promise<Target> {
  const api = await bench.startApi({ CUSTOMER_AUTH: 'open', HOLD_SECONDS });
  await bench.startWorker();
  const { databaseUrl } = bench;
  return {
    urls: [`http://127.0.0.1:${api.port}`],
    adminKey: ADMIN_KEY,
    databaseUrl,
    redisUrl: bench.redis.url,
    own: { databaseUrl, processes: [] },
    watched: [],
  };
}

async function sell(
  { report }: Context,
  target: Target,
  plan: readonly Planned[],
): Promise<Sale[]> {
  // Another seed each time: what holds must hold for any crowd.
  const seed = Date.now() % 1_000_000;
  report.note(`  ${plan.length} sales at the same time, seeds from ${seed}`);
  const limits = `--connections ${CONNECTIONS} --timeout ${SALE_SECONDS_MAX} --max-overrun 0`;
  return Promise.all(
    plan.map(async (one, nth): Promise<Sale> => {
      await delay(nth * BETWEEN_STARTS_MS);
      const text = `${one.flags} ${PACE} ${limits} --seed ${seed + nth} --quiet`;
      const options = readOptions(text.split(' '));
      const sold = await runLoad(options, target, new AbortController().signal, () => undefined);
      for (const { title, value, ok } of judge(sold, options))
        if (!ok) report.failed(one.name, `${title}: ${value} (${Object.keys(sold.faults)})`);
      return { ...one, report: sold };
    }),
  );
}

/** @param share below 1 leaves out what comes twice. */
function planned(share: number): Planned[] {
  return PATTERNS.flatMap(({ pattern, curve, kinds }) =>
    kinds.slice(share < 1 ? -3 : 0).map((kind) => {
      const flags = `--arrivals ${curve} ${KINDS[kind]}`;
      return { pattern, kind, name: `${curve} ${kind}`, flags };
    }),
  );
}

interface Pooled {
  /** Of people who were let in, and of those who went home uncalled when their p90 had passed. */
  waits: number;
  uncalled: number;
  /** Share within p90, and its standard error, as far as sales differ: the waits of one share their fate. */
  covered: number;
  coveredError: number;
  medianError: number;
}

function pool(sales: readonly Sale[]): Pooled {
  const waits = sales.flatMap((sale) => sale.report.waits);
  const kept = ({ waited, p90 }: (typeof waits)[number]): boolean => waited <= p90;
  const heldOf = ({ report }: Sale): number => report.waits.length + report.eta.brokenUncalled;
  const held = sales.reduce((sum, sale) => sum + heldOf(sale), 0);
  const covered = waits.filter(kept).length / held;
  const apart = sales.map((sale) => sale.report.waits.filter(kept).length - covered * heldOf(sale));
  const errors = waits.map(({ waited, p50 }) => Math.abs(p50 - waited) / waited);
  return {
    waits: held,
    uncalled: held - waits.length,
    covered,
    coveredError: Math.hypot(...apart) / held,
    medianError: median(errors),
  };
}

function coverageOf({ name, report }: Sale): string {
  return `${name} ${report.eta.coverage?.toFixed(2) ?? '–'}`;
}
