import { collectRoomMetrics } from './collect-room-metrics.ts';
import type { Invariants } from './invariants.ts';
import { createBoundedCache } from './platform/bounded-cache.ts';
import type { Logger } from './platform/logger.ts';
import type { Metrics } from './platform/metrics.ts';
import type { Reservations } from './reservations/index.ts';
import type { Outbox } from './reservations/outbox.ts';
import type { Readiness } from './services.ts';
import type { WaitingRoom } from './waiting-room/index.ts';

/** However often it is scraped, the database is asked no more often. */
const FRESH_MS = 5_000;

/**
 * What a scrape shows of stored data: readiness, holds, the backlog of the outbox, the last results of the checks and the busy
 * rooms, the same in every process, whoever delivers and checks. While a store is away the last values stand.
 */
export function createCollector(options: {
  metrics: Metrics;
  outbox: Pick<Outbox, 'backlog'>;
  invariants: Pick<Invariants, 'show'>;
  reservations: Pick<Reservations, 'holdsNow'>;
  readiness: () => Promise<Readiness[]>;
  waitingRoom: Pick<WaitingRoom, 'busy' | 'stats'>;
  logger: Logger;
}): () => Promise<void> {
  const { metrics, outbox, invariants, reservations, waitingRoom, logger } = options;

  async function collectStored(): Promise<void> {
    const [backlog, holds] = await Promise.all([
      outbox.backlog(),
      reservations.holdsNow(),
      invariants.show(metrics),
    ]);
    metrics.outboxPending.set(backlog.pending);
    metrics.outboxOldestSeconds.set(backlog.oldestSeconds);
    metrics.holdsLive.set(holds.live);
    metrics.holdsOverdueSeconds.set(holds.overdueSeconds);
  }

  async function collectReadiness(): Promise<void> {
    for (const { name, ok } of await options.readiness()) {
      metrics.ready.set({ check: name }, Number(ok));
    }
  }

  /** One store's outage does not age what the other says. */
  async function collect(): Promise<void> {
    const parts = [collectReadiness(), collectStored(), collectRoomMetrics(metrics, waitingRoom)];
    for (const part of await Promise.allSettled(parts)) {
      if (part.status === 'rejected') throw part.reason;
    }
  }

  const shared = createBoundedCache({ read: collect, freshMs: () => FRESH_MS, sizeMax: 1 });
  return async () => {
    try {
      await shared.get(undefined);
    } catch (error) {
      logger.debug({ error }, 'metrics of stored data are old');
    }
  };
}
