import { FAULT_WEIGHTS, type Fault } from './schedule.ts';
import type { Watch } from './watch.ts';

/** One fault as it went, by the harness' clock. */
export interface StruckFault {
  fault: Fault;
  /** A reserve or a pay was on its way when it struck. */
  struckInFlight: boolean;
  struckAtMs: number;
  healedAtMs: number;
  /** The first payment of seats that were asked for after the fault had ended. */
  soldAtMs: number;
}

export interface FaultFigures {
  struck: number;
  inFlight: number;
  /** From the end of the fault to the next sale, the longest, ms. */
  unavailableMsMax: number;
  /** The same from its beginning. */
  fromBeginningMsMax: number;
}

export interface Report {
  countOperation: (operation: string) => void;
  complain: (text: string) => void;
  addFault(fault: StruckFault): void;
  /** One line about the last fault. */
  line(): string;
  /** Reads the totals from what is stored. */
  count(watch: Watch): Promise<void>;
  finish(): FinishedReport;
}

export interface FinishedReport {
  seed: number;
  seconds: number;
  operations: Record<string, number>;
  stored: Record<string, number>;
  faults: Record<string, FaultFigures>;
  faultsTotal: number;
  checks: { made: number; missed: number };
  violations: string[];
}

/** More of them say nothing new. */
const VIOLATIONS_KEPT_MAX = 1_000;

export function createReport(seed: number): Report {
  const beganAt = performance.now();
  const operations: Record<string, number> = {};
  const violations = new Map<string, number>();
  const struck: StruckFault[] = [];
  let stored: Record<string, number> = {};
  let checks = { made: 0, missed: 0 };

  return {
    countOperation(operation) {
      operations[operation] = (operations[operation] ?? 0) + 1;
    },
    complain(text) {
      const before = violations.get(text) ?? 0;
      if (before === 0) process.stderr.write(`VIOLATION ${text}\n`);
      if (before > 0 || violations.size < VIOLATIONS_KEPT_MAX) violations.set(text, before + 1);
    },
    addFault: (fault) => void struck.push(fault),
    line() {
      const last = struck.at(-1);
      if (!last) return 'no fault yet';
      const { fault, soldAtMs, healedAtMs, struckInFlight } = last;
      const flight = struckInFlight ? '' : ' (nothing was on its way)';
      return `${struck.length}. ${fault.kind}: sold again after ${soldAtMs - healedAtMs} ms${flight}`;
    },
    async count(watch) {
      checks = watch.rounds();
      const [row] = await watch.db.query<Record<string, number>>({
        text: `SELECT (SELECT count(*) FROM reservations) AS holds,
                 (SELECT count(*) FROM payments) AS payments,
                 (SELECT count(*) FROM transfers WHERE kind = 'REFUND') AS refunds,
                 (SELECT count(*) FROM transfers WHERE kind = 'CHARGE') AS charges,
                 (SELECT count(*) FROM reservations WHERE status = 'EXPIRED') AS expired,
                 (SELECT count(*) FROM reservations WHERE status = 'CANCELLED') AS cancelled,
                 (SELECT count(*) FROM room_events WHERE kind = 'CALLED') AS called,
                 (SELECT count(*) FROM outbox) AS events`,
      });
      stored = row ?? {};
    },
    finish: () => ({
      seed,
      seconds: Math.round((performance.now() - beganAt) / 1_000),
      operations,
      stored,
      faults: figuresOf(struck),
      faultsTotal: struck.length,
      checks,
      violations: [...violations].map(([text, times]) =>
        times > 1 ? `${text} (${times} times)` : text,
      ),
    }),
  };
}

function figuresOf(struck: readonly StruckFault[]): Record<string, FaultFigures> {
  return Object.fromEntries(
    Object.keys(FAULT_WEIGHTS).map((kind) => {
      const mine = struck.filter((one) => one.fault.kind === kind);
      const longest = (times: number[]): number => Math.max(0, ...times);
      return [
        kind,
        {
          struck: mine.length,
          inFlight: mine.filter((one) => one.struckInFlight).length,
          unavailableMsMax: longest(mine.map((one) => one.soldAtMs - one.healedAtMs)),
          fromBeginningMsMax: longest(mine.map((one) => one.soldAtMs - one.struckAtMs)),
        },
      ];
    }),
  );
}

/** The report as a person reads it. */
export function printed(report: FinishedReport): string {
  const pairs = (of: Record<string, number>): string =>
    Object.entries(of)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const width = Math.max(...Object.keys(report.faults).map((kind) => kind.length));
  const faults = Object.entries(report.faults).map(
    ([kind, one]) =>
      `  ${kind.padEnd(width)}  ${String(one.struck).padStart(6)}  ${String(one.inFlight).padStart(9)}  ${(one.unavailableMsMax / 1_000).toFixed(1).padStart(11)}  ${(one.fromBeginningMsMax / 1_000).toFixed(1).padStart(15)}`,
  );
  const total = Object.values(report.operations).reduce((sum, count) => sum + count, 0);
  return [
    `seed ${report.seed}, ${report.seconds} s`,
    `operations: ${total} (${pairs(report.operations)})`,
    `stored: ${pairs(report.stored)}`,
    `rounds of checks: ${report.checks.made} (${report.checks.missed} checks missed, their server being away)`,
    `faults: ${report.faultsTotal}`,
    `  ${''.padEnd(width)}  struck  in flight  no sale (s)  from its start`,
    ...faults,
    `violations: ${report.violations.length}`,
    ...report.violations.slice(0, 50).map((text) => `  ${text}`),
    '',
  ].join('\n');
}
