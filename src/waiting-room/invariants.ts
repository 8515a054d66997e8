import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../platform/database.ts';
import {
  type CheckLimits,
  type InvariantCheck,
  runSqlChecks,
  type SqlCheck,
} from '../platform/invariants.ts';
import type { RedisClient } from '../platform/redis.ts';
import { TOMBSTONE_MS } from './history.ts';
import { roomKeys } from './keys.ts';
import { END_KINDS, type EndKind } from './room-events.ts';
import type { LineScripts } from './scripts.ts';

/** Rooms asked at the same time; their scripts share pipelines. */
const ROOMS_AT_ONCE = 64;
const ROOMS_MAX = 10_000;
/** Places looked at by one script call: about a millisecond of Redis' time. */
const STEP_COUNT = 500;
/** Parts of verify.lua's walk: places, waiting, returning, active. */
const PARTS = [1, 2, 3, 4];
/** A tick comes each 0.2 s; after a worker died another takes over within two seconds. */
const STALL_MS = 3_000;

/** What the record of the rooms must say; the last day of it, so that an old room costs no more. */
const RECORD_CHECKS: readonly SqlCheck[] = [
  {
    id: 'called-in-order',
    title: 'Places were called in order of seq, but for who was away, and no seq was issued twice',
    sql: `SELECT (SELECT count(*) FROM (
                    SELECT first, max(last) OVER (PARTITION BY room_id ORDER BY at
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
                    FROM (SELECT room_id, at, min(seq) AS first, max(seq) AS last FROM room_events
                      WHERE kind = 'CALLED' AND NOT returned AND at > clock_timestamp() - interval '1 day'
                      GROUP BY room_id, at) AS calls) AS ordered
                   WHERE first < before)
               + (SELECT count(*) FROM (SELECT 1 FROM room_events
                    WHERE kind = 'ENTERED' AND at > clock_timestamp() - interval '1 day'
                    GROUP BY room_id, seq HAVING count(*) > 1) AS twice)`,
  },
  {
    id: 'rate-holds',
    title: 'No sliding minute holds more admissions than the rate',
    // Counted from when the last change of settings was surely in force everywhere.
    sql: `SELECT count(*) FROM (
            SELECT r.admit_per_minute AS rate, count(*) OVER (PARTITION BY e.room_id ORDER BY e.at
              RANGE BETWEEN '59.999 seconds' PRECEDING AND CURRENT ROW) AS admitted
            FROM room_events e JOIN rooms r ON r.id = e.room_id
            WHERE e.kind = 'CALLED' AND NOT e.by_hand AND r.admit_per_minute IS NOT NULL
              AND e.at > greatest(clock_timestamp() - interval '1 day', r.updated_at + interval '5 seconds')) AS calls
          WHERE admitted > rate`,
  },
];

interface Room {
  roomId: string;
  /** The largest in force while a slot of today could have been given. */
  capacityMax: number;
}

/** What must never break of the line; it knows no seat. */
export interface RoomChecks {
  /** What takes longer than its limit is reported as not made. */
  run(limits: CheckLimits): Promise<InvariantCheck[]>;
  /** How a place ended, if Redis remembers that it did. */
  endOf(place: { roomId: string; customerId: number; seq: number }): Promise<EndKind | undefined>;
}

export function createRoomChecks(options: {
  db: Database;
  redis: RedisClient;
  scripts: LineScripts;
}): RoomChecks {
  const { db, redis, scripts } = options;

  async function roomNow(roomId: string) {
    const keys = roomKeys(roomId);
    const now = await scripts.look({ keys, args: { goneMs: TOMBSTONE_MS, pairs: '' } });
    return Array.isArray(now) ? undefined : now.room;
  }

  /** A thousand rooms in which nobody is have nothing to check: one command each, where the checks make six calls. */
  async function inhabited(rooms: Room[]): Promise<Room[]> {
    const keys = await inTurn(rooms, ({ roomId }) => {
      const { places, waiting, returning, active } = roomKeys(roomId);
      return redis.exists(places, waiting, returning, active);
    });
    return rooms.filter((_, index) => keys[index] !== 0);
  }

  async function beyondCapacity({ roomId, capacityMax }: Room): Promise<number> {
    const now = await roomNow(roomId);
    return now ? Math.max(0, now.active - Math.max(now.capacity, capacityMax)) : 0;
  }

  async function misplaced({ roomId }: Room, untilMs: number): Promise<number> {
    let wrong = 0;
    for (const part of PARTS) {
      let cursor = '0';
      do {
        const args = { part, cursor, count: STEP_COUNT };
        const reply = await scripts.verify({ keys: roomKeys(roomId), args });
        cursor = reply[0];
        wrong += reply[2];
        if (performance.now() > untilMs) throw new Error('the walk takes too long');
      } while (cursor !== '0');
    }
    return wrong;
  }

  /** Who could be let in now, or whose dead slot is in the way; '' when nothing waits for a tick. */
  async function due(roomId: string): Promise<string> {
    const now = await roomNow(roomId);
    if (!now || now.recovering || now.state !== 'OPEN' || now.opensAtMs > now.nowMs) return '';
    if (now.waiting + now.returning === 0) return '';
    if (now.admitPerMinute !== null && now.admittedLastMinute >= now.admitPerMinute) return '';
    const keys = roomKeys(roomId);
    const [dead, returning, waiting] = await Promise.all([
      redis.zrangebyscore(keys.active, '-inf', now.nowMs, 'LIMIT', 0, 1),
      redis.zrange(keys.returning, 0, '0', 'WITHSCORES'),
      redis.zrange(keys.waiting, 0, '0', 'WITHSCORES'),
    ]);
    if (dead[0]) return `dead ${dead[0]}`;
    if (now.active >= now.capacity) return '';
    return [...returning, ...waiting].slice(0, 2).join(' ');
  }

  /** Rooms in which nothing moves although it could; looked at twice, with time for a tick in between. */
  async function stalled(rooms: Room[], signal: AbortSignal | undefined): Promise<number> {
    const first = await inTurn(rooms, ({ roomId }) => due(roomId));
    const suspects = rooms.filter((_, index) => first[index] !== '');
    if (suspects.length === 0) return 0;
    await delay(STALL_MS, undefined, signal ? { signal } : {});
    const again = await inTurn(suspects, ({ roomId }) => due(roomId));
    const before = first.filter((one) => one !== '');
    return again.filter((one, index) => one !== '' && one === before[index]).length;
  }

  async function counted(
    check: Pick<InvariantCheck, 'id' | 'title'>,
    count: () => Promise<number>,
  ): Promise<InvariantCheck> {
    try {
      return { ...check, violations: await count(), checked: true };
    } catch {
      return { ...check, violations: 0, checked: false };
    }
  }

  const neverStalls = (rooms: Promise<Room[]>, signal: AbortSignal | undefined) =>
    counted(
      { id: 'no-stall', title: 'With free capacity and somebody waiting, somebody is admitted' },
      async () => stalled(await rooms, signal),
    );

  return {
    async run(limits) {
      const rooms = readRooms(db).then(inhabited);
      // Who asks for the rooms below hears of it.
      rooms.catch(() => undefined);
      const untilMs = performance.now() + limits.timeoutMs;
      return [
        ...(await runSqlChecks(db, RECORD_CHECKS, limits)),
        await counted(
          { id: 'limit-holds', title: 'Active slots never exceed the capacity' },
          async () => sum(await inTurn(await rooms, beyondCapacity)),
        ),
        await counted(
          {
            id: 'places-whole',
            title:
              'A place stands in exactly the structure of its state, and none that ended is live',
          },
          async () => sum(await inTurn(await rooms, (room) => misplaced(room, untilMs))),
        ),
        ...(limits.once ? [] : [await neverStalls(rooms, limits.signal)]),
      ];
    },
    async endOf({ roomId, customerId, seq }) {
      const score = await redis.zscore(roomKeys(roomId).ended, `${customerId}:${seq}`);
      return score === null ? undefined : END_KINDS[(Number(score) % 8) - 1];
    },
  };
}

/** Lowering the capacity puts nobody out: what it was while today's slots were given counts. */
function readRooms(db: Database): Promise<Room[]> {
  return db.query<Room>({
    name: 'rooms-capacity-max',
    text: `SELECT r.id AS "roomId", greatest(r.capacity, coalesce((
               SELECT max((a.before ->> 'capacity')::int) FROM admin_audit a
               WHERE a.action = 'room.patch' AND a.target = 'room:' || r.id
                 AND a.at > clock_timestamp() - interval '1 day'), 0)) AS "capacityMax"
           FROM rooms r ORDER BY r.id LIMIT $1`,
    values: [ROOMS_MAX],
  });
}

async function inTurn<T>(rooms: Room[], work: (room: Room) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < rooms.length; from += ROOMS_AT_ONCE) {
    results.push(...(await Promise.all(rooms.slice(from, from + ROOMS_AT_ONCE).map(work))));
  }
  return results;
}

function sum(counts: number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
