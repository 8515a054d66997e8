import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from './platform/database.ts';
import { AppError } from './platform/errors.ts';
import type { Logger } from './platform/logger.ts';
import type { Line } from './waiting-room/line.ts';

/** A simulated crowd, so that a newcomer sees a line move without a second terminal. */
export interface DemoCrowd {
  /** Lets up to `count` simulated people into the room; returns how many came. */
  start(count: number): Promise<number>;
  stop(): void;
}

const ROOM = 'main';
/** At the same time; a demo is no load test. */
const PEOPLE_MAX = 5_000;
/** They come one by one within this time, so that the line is seen growing, ms. */
const ARRIVING_MS = 8_000;
/** How long a simulated person looks around before leaving, ms. */
const SHOPPING_MS = { min: 3_000, max: 15_000 };
const VISIT_MAX_MS = 15 * 60_000;

/** The last customers of the demo data stand in line, poll as they are told, look around and leave. */
export function createDemoCrowd(options: { db: Database; line: Line; logger: Logger }): DemoCrowd {
  const { db, line, logger } = options;
  const stopping = new AbortController();
  // Everybody who waits listens for the end.
  setMaxListeners(0, stopping.signal);
  const { signal } = stopping;
  const visiting = new Set<number>();

  async function visit(customerId: number): Promise<void> {
    await delay(randomInt(ARRIVING_MS), undefined, { signal });
    const until = performance.now() + VISIT_MAX_MS;
    let place = await line.enter({ roomId: ROOM, customerId });
    while (place.status === 'WAITING' && performance.now() < until) {
      await delay(place.pollAfterMs, undefined, { signal });
      place = await line.look(place);
    }
    if (place.status === 'ACTIVE') {
      await delay(randomInt(SHOPPING_MS.min, SHOPPING_MS.max), undefined, { signal });
    }
    await line.leave({ ...place, reason: 'left' });
  }

  return {
    async start(count) {
      const rows = await db.query<{ id: number }>({
        text: 'SELECT id FROM customers WHERE active ORDER BY id DESC LIMIT $1',
        values: [PEOPLE_MAX],
      });
      const coming = rows.filter(({ id }) => !visiting.has(id)).slice(0, count);
      if (coming.length === 0) throw new AppError('RATE_LIMITED', { retryAfterSeconds: 60 });
      for (const { id } of coming) {
        visiting.add(id);
        visit(id)
          .catch((error: unknown) => logger.debug({ error }, 'a simulated visitor went away'))
          .finally(() => visiting.delete(id));
      }
      return coming.length;
    },
    stop: () => stopping.abort(),
  };
}
