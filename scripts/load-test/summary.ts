import type { AuditReport } from './audit.ts';
import { idealLastSaleMs } from './ideal-time.ts';
import type { ObservedCounts, Observer, Visit } from './observer.ts';
import type { LoadOptions } from './options.ts';
import type { ProcessReport } from './processes.ts';
import type { OperationReport, Recorder, Second } from './recorder.ts';
import type { Sale } from './world.ts';

/** Everything that a run found out; this is the JSON report. */
export interface LoadReport {
  at: string;
  options: Record<string, string | number | boolean | undefined>;
  seconds: number;
  /** Ended by Ctrl-C or by --timeout. */
  cutShort: boolean;
  answersPerSecond: number;
  operations: OperationReport[];
  /** Answers outside the documented refusals, by operation and code. */
  faults: Record<string, number>;
  errorRate: number;
  sale: {
    seats: number;
    /** As the seat map of the running system shows it at the end; undefined when it was refused again and again. */
    soldOnMap: number | undefined;
    soldToBuyers: number;
    soldOutSeconds: number | undefined;
    /** What slots and think time alone would take. */
    idealSeconds: number | undefined;
    overrun: number | undefined;
  };
  capacity: number;
  seen: ObservedCounts & { judged: number };
  /** From the record, where it could be read. */
  audit: AuditReport | undefined;
  line: { samples: number; slotsMax: number } | undefined;
  eta: EtaReport;
  /** Waits of people who were let in, with what they had been promised, seconds. */
  waits: { waited: number; p50: number; p90: number }[];
  processes: ProcessReport[];
  timeline: readonly Second[];
}

export interface EtaReport {
  /** People who were told a wait and were let in later, while there were seats; the first wait they were told. */
  promises: number;
  /** The same, but let in after the last sale, when the line went home: no wait that anybody could promise. */
  endedBySellOut: number;
  /** People who went home uncalled, or were still in line at the last sale, when the promised p90 had passed. */
  brokenUncalled: number;
  /** Of the promises and those broken uncalled: the share of waits no longer than the promised p90. */
  coverage: number | undefined;
  /** Median of |promised p50 − waited| / waited. */
  medianError: number | undefined;
}

/** A chart needs no more points. */
const WAITS_KEPT_MAX = 2_000;
/** A shorter wait is over before an estimate of whole seconds means anything. */
const WAIT_MIN_SECONDS = 2;

export function summarise(run: {
  options: LoadOptions;
  sale: Sale;
  observer: Observer;
  recorder: Recorder;
  beganMs: number;
  cutShort: boolean;
  soldOnMap: number | undefined;
  soldOutAtMs: number | undefined;
  audited: { report: AuditReport; noShows: Visit[] } | undefined;
  line: LoadReport['line'];
  processes: ProcessReport[];
}): LoadReport {
  const { observer, recorder, sale, beganMs } = run;
  const seconds = (performance.now() - beganMs) / 1_000;
  const visits = [...observer.visits, ...(run.audited?.noShows ?? [])];
  const lastSaleMs = lastOf(visits.map((visit) => visit.soldAtMs));
  const idealMs = idealLastSaleMs(visits, sale.capacity);
  const since = (ms: number | undefined): number | undefined =>
    ms === undefined ? undefined : (ms - beganMs) / 1_000;
  const soldSeconds = since(lastSaleMs);
  const idealSeconds = since(idealMs);
  const told = waitsOf(observer);
  const endMs = run.soldOutAtMs === undefined ? Number.POSITIVE_INFINITY : (lastSaleMs ?? 0);
  const waits = told.filter(({ calledAtMs }) => calledAtMs <= endMs);
  return {
    at: new Date().toISOString(),
    // Keys and addresses with passwords belong in no report.
    options: {
      ...run.options,
      'admin-key': undefined,
      'customer-jwt-secret': undefined,
      'database-url': undefined,
      'redis-url': undefined,
    },
    seconds,
    cutShort: run.cutShort,
    answersPerSecond: recorder.answers() / seconds,
    operations: recorder.operations(),
    faults: recorder.faults(),
    errorRate: recorder.errors() / Math.max(1, recorder.answers()),
    sale: {
      seats: run.options.seats,
      soldOnMap: run.soldOnMap,
      soldToBuyers: observer.soldSeats(),
      soldOutSeconds: run.soldOutAtMs === undefined ? undefined : soldSeconds,
      idealSeconds,
      overrun: soldSeconds && idealSeconds ? soldSeconds / idealSeconds : undefined,
    },
    capacity: sale.capacity,
    seen: { ...observer.counts, judged: observer.judged() },
    audit: run.audited?.report,
    line: run.line,
    eta: {
      ...etaOf(waits, brokenUncalled(observer, endMs)),
      endedBySellOut: told.length - waits.length,
    },
    waits: thinned(waits, WAITS_KEPT_MAX).map(({ waited, p50, p90 }) => ({ waited, p50, p90 })),
    processes: run.processes,
    timeline: recorder.timeline,
  };
}

interface ToldWait {
  calledAtMs: number;
  waited: number;
  p50: number;
  p90: number;
}

function waitsOf({ places }: Observer): ToldWait[] {
  return places.flatMap(({ promise, activeAtMs }) => {
    if (!promise || activeAtMs === undefined) return [];
    const { atMs, p50, p90 } = promise;
    const waited = (activeAtMs - atMs) / 1_000;
    return waited < WAIT_MIN_SECONDS ? [] : [{ calledAtMs: activeAtMs, waited, p50, p90 }];
  });
}

/** A wait that ended otherwise is known to have been longer than it was; of one within its p90 nothing follows. */
export function brokenUncalled({ places }: Pick<Observer, 'places'>, lastSaleMs: number): number {
  return places.filter(({ promise, activeAtMs, goneAtMs }) => {
    if (!promise || goneAtMs === undefined) return false;
    if (activeAtMs !== undefined && activeAtMs <= lastSaleMs) return false;
    const waited = (Math.min(goneAtMs, lastSaleMs) - promise.atMs) / 1_000;
    return waited >= WAIT_MIN_SECONDS && waited > promise.p90;
  }).length;
}

function etaOf(waits: readonly ToldWait[], broken: number): Omit<EtaReport, 'endedBySellOut'> {
  const errors = waits
    .map(({ waited, p50 }) => Math.abs(p50 - waited) / waited)
    .sort((a, b) => a - b);
  const kept = waits.filter(({ waited, p90 }) => waited <= p90).length;
  const held = waits.length + broken;
  return {
    promises: waits.length,
    brokenUncalled: broken,
    coverage: held > 0 ? kept / held : undefined,
    medianError: errors[Math.floor(errors.length / 2)],
  };
}

function lastOf(times: readonly (number | undefined)[]): number | undefined {
  let last: number | undefined;
  for (const time of times)
    if (time !== undefined && !(last !== undefined && last > time)) last = time;
  return last;
}

function thinned<T>(all: T[], max: number): T[] {
  const step = Math.max(1, Math.ceil(all.length / max));
  return all.filter((_, nth) => nth % step === 0);
}
