import type { Logger } from '../platform/logger.ts';
import { type RedisClient, redisRunIds } from '../platform/redis.ts';
import { BUSY_ROOMS_KEY, roomKeys } from './keys.ts';

/** A room nobody touched for this long, as while all workers stood still, leaves the list; the slow walk is the backstop. */
const IDLE_AFTER_MS = 30_000;
const TOUCH_EVERY_MS = 1_000;
const TOUCHED_MAX = 10_000;
/** Rooms asked in one pipeline. */
const ASKED_AT_ONCE = 200;

/** The rooms that a tick must visit, so that a thousand idle rooms cost nothing. */
export interface BusyRooms {
  /** Says that somebody is in the room; at most one write a second and room. Never throws. */
  touch(roomId: string): void;
  /**
   * Rooms touched within the last half minute, at most `max`. While the node that keeps the list is away, what
   * it said last: rooms on other nodes of a Cluster go on.
   */
  list(max: number): Promise<string[]>;
  /**
   * Of the given rooms those in which a tick could find something to do, whatever the list says: somebody has a
   * place, or Redis does not know the room, or only from before a restart or failover. Two commands a room; who
   * cannot be asked about is named, too.
   */
  find(roomIds: readonly string[]): Promise<string[]>;
}

/** @param nowMs Redis' clock: processes whose own clocks differ must agree on who is idle */
export function createBusyRooms(options: {
  redis: RedisClient;
  nowMs: () => number;
  logger: Logger;
}): BusyRooms {
  const { redis, nowMs } = options;
  const touchedAt = new Map<string, number>();
  let listed: string[] = [];

  /** Loaded since the last restart, and without people: nothing in it changes by itself. */
  async function loadedAndEmpty(roomId: string, runIds: ReadonlySet<string>): Promise<boolean> {
    const { settings, places } = roomKeys(roomId);
    const [runId, occupied] = await Promise.all([
      redis.hget(settings, 'runId'),
      redis.exists(places),
    ]);
    return runId !== null && runIds.has(runId) && occupied === 0;
  }

  return {
    touch(roomId) {
      const now = performance.now();
      if (now - (touchedAt.get(roomId) ?? Number.NEGATIVE_INFINITY) < TOUCH_EVERY_MS) return;
      if (touchedAt.size >= TOUCHED_MAX) touchedAt.clear();
      touchedAt.set(roomId, now);
      redis.zadd(BUSY_ROOMS_KEY, nowMs(), roomId).catch((error: unknown) => {
        touchedAt.delete(roomId);
        options.logger.debug({ error, room: roomId }, 'busy room not noted');
      });
    },
    async list(max) {
      try {
        await redis.zremrangebyscore(BUSY_ROOMS_KEY, 0, nowMs() - IDLE_AFTER_MS);
        listed = await redis.zrange(BUSY_ROOMS_KEY, 0, `${max - 1}`);
      } catch (error) {
        if (listed.length === 0) throw error;
        options.logger.debug({ error }, 'busy rooms as they were');
      }
      return listed;
    },
    async find(roomIds) {
      const found: string[] = [];
      const runIds = await redisRunIds(redis);
      for (let from = 0; from < roomIds.length; from += ASKED_AT_ONCE) {
        const asked = roomIds.slice(from, from + ASKED_AT_ONCE);
        const idle = await Promise.allSettled(
          asked.map((roomId) => loadedAndEmpty(roomId, runIds)),
        );
        found.push(
          ...asked.filter((_, nth) => {
            const one = idle[nth];
            return one?.status !== 'fulfilled' || !one.value;
          }),
        );
      }
      return found;
    },
  };
}
