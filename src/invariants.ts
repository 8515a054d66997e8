import { MONEY_CHECKS } from './payments/invariants.ts';
import type { Database } from './platform/database.ts';
import {
  CHECK_TIMEOUT_MS,
  type CheckLimits,
  type InvariantCheck,
  readStoredChecks,
  runSqlChecks,
  type StoredCheck,
  storeChecks,
} from './platform/invariants.ts';
import type { Metrics } from './platform/metrics.ts';
import { SEAT_CHECKS } from './reservations/invariants.ts';
import { checkSlotsOutliveHolds } from './reservations/slot-check.ts';
import type { WaitingRoom } from './waiting-room/index.ts';

/** In the background a check that takes longer is left to an operator who asks for it. */
const BACKGROUND_TIMEOUT_MS = 5_000;

/** What must never break, checked against what Postgres and Redis hold. */
export interface Invariants {
  /** All checks, now. */
  check(limits?: CheckLimits): Promise<InvariantCheck[]>;
  /** The same in the background, kept where every process finds it. */
  checkAndStore(signal: AbortSignal): Promise<void>;
  /** What the background found last, whichever process has checked. */
  last(): Promise<StoredCheck[]>;
  /** Sets the gauges from what was kept, whichever process has checked. */
  show(metrics: Metrics): Promise<void>;
}

export function createInvariants({
  db,
  waitingRoom,
}: {
  db: Database;
  waitingRoom: Pick<WaitingRoom, 'checks' | 'line'>;
}): Invariants {
  const { checks, line } = waitingRoom;
  const slots = { place: line.place, endOf: checks.endOf };

  async function check(limits: CheckLimits = { timeoutMs: CHECK_TIMEOUT_MS }) {
    return [
      ...(await runSqlChecks(db, [...SEAT_CHECKS, ...MONEY_CHECKS], limits)),
      ...(await checks.run(limits)),
      await checkSlotsOutliveHolds(db, slots),
    ];
  }

  return {
    check,
    async checkAndStore(signal) {
      await storeChecks(db, await check({ timeoutMs: BACKGROUND_TIMEOUT_MS, signal }));
    },
    last: () => readStoredChecks(db),
    async show(metrics) {
      for (const { id, violations, checkedAtMs } of await readStoredChecks(db)) {
        metrics.invariantViolations.set({ invariant: id }, violations);
        metrics.invariantCheckedAt.set({ invariant: id }, checkedAtMs / 1_000);
      }
    },
  };
}
