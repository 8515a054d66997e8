import { randomInt } from 'node:crypto';
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
/** How long a simulated person looks around before leaving, ms. */
const SHOPPING_MS = { min: 3_000, max: 15_000 };
const VISIT_MAX_MS = 15 * 60_000;

/** The last customers of the demo data stand in line, poll as they are told, look around and leave. */
export function createDemoCrowd(options: { db: Database; line: Line; logger: Logger }): DemoCrowd {
  const { db, line, logger } = options;
  const stopping = new AbortController();
  let people = 0;

  async function visit(customerId: number): Promise<void> {
    const until = Date.now() + VISIT_MAX_MS;
    let place = await line.enter({ roomId: ROOM, customerId });
    while (place.status === 'WAITING' && Date.now() < until) {
      await delay(place.pollAfterMs, undefined, { signal: stopping.signal });
      place = await line.look(place);
    }
    if (place.status === 'ACTIVE') {
      await delay(randomInt(SHOPPING_MS.min, SHOPPING_MS.max), undefined, {
        signal: stopping.signal,
      });
    }
    await line.leave({ ...place, reason: 'left' });
  }

  return {
    async start(count) {
      const rows = await db.query<{ id: number }>({
        text: 'SELECT id FROM customers WHERE active ORDER BY id DESC OFFSET $1 LIMIT $2',
        values: [people, Math.min(count, PEOPLE_MAX - people)],
      });
      if (rows.length === 0) throw new AppError('RATE_LIMITED', { retryAfterSeconds: 60 });
      for (const { id } of rows) {
        people += 1;
        visit(id)
          .catch((error: unknown) => logger.debug({ error }, 'a simulated visitor went away'))
          .finally(() => {
            people -= 1;
          });
      }
      return rows.length;
    },
    stop: () => stopping.abort(),
  };
}
