import { setTimeout as delay } from 'node:timers/promises';
import { createInvariants, type Invariants } from '../../src/invariants.ts';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { createRedis } from '../../src/platform/redis.ts';
import { createWaitingRoom } from '../../src/waiting-room/index.ts';
import type { System } from './system.ts';

const EVERY_MS = 1_000;
const CHECK_TIMEOUT_MS = 10_000;

/** Looks at what is stored, past the proxies: each second, and thoroughly at the end. */
export interface Watch {
  db: Database;
  /** Rounds of checks that were made, and checks that could not be, for want of a server. */
  rounds(): { made: number; missed: number };
  /** Every check, with those that have to look twice. */
  thoroughly(): Promise<void>;
  stop(): Promise<void>;
}

export function startWatch(system: System, complain: (text: string) => void): Watch {
  const logger = createLogger({ level: 'silent' });
  const db = createDatabase({ url: system.postgres.url, logger });
  const redis = createRedis({ kind: 'single', url: system.redis.url }, logger);
  const waitingRoom = createWaitingRoom({ db, redis, logger, nowMs: Date.now });
  const invariants: Invariants = createInvariants({ db, waitingRoom });
  let made = 0;
  let missed = 0;
  let stopped = false;

  async function look(): Promise<void> {
    for (const check of await invariants.check({ timeoutMs: CHECK_TIMEOUT_MS, once: true })) {
      if (check.violations > 0) complain(`invariant ${check.id} was broken`);
      if (!check.checked) missed += 1;
    }
    made += 1;
  }
  const looking = (async () => {
    while (!stopped) {
      await Promise.all([look(), delay(EVERY_MS)]);
    }
  })();

  return {
    db,
    rounds: () => ({ made, missed }),
    async thoroughly() {
      for (const check of await invariants.check({ timeoutMs: CHECK_TIMEOUT_MS })) {
        if (check.violations > 0)
          complain(`at the end, invariant ${check.id}: ${check.violations}`);
        if (!check.checked) complain(`at the end, invariant ${check.id} could not be checked`);
      }
    },
    async stop() {
      stopped = true;
      await looking;
      redis.disconnect();
      await db.close();
    },
  };
}
