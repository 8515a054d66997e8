import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { RedisClient } from '../platform/redis.ts';
import { type History, TOMBSTONE_MS } from './history.ts';
import { roomKeys } from './keys.ts';
import { claimWindowMinMs, pollAfterMaxMs, solvePace } from './pace.ts';
import { END_KINDS } from './room-events.ts';
import { type RoomSettings, roomFromRow } from './rooms.ts';
import type { LineScripts } from './scripts.ts';

const BURY_MAX = 1_000;
const ENDS_READ_MAX = 10_000;
/** More than a sliding minute, and than any recovery window and the batches that were on their way before it. */
const RECENT_MS = 300_000;
/** Nobody needs a longer window than everybody's next poll and this much network. */
const RECOVERY_MARGIN_MS = 5_000;
/** Counting stops here: the pace, and so the window, no longer changes beyond. */
const RETURNERS_COUNTED_MAX = 2_000_000;

export interface RoomLoader {
  /** Brings settings into Redis unless a newer version is there. */
  apply(settings: RoomSettings): Promise<void>;
  /**
   * Brings a room back that Redis does not know, or that it knows from before a restart: first the record of
   * ended places, so that none of them comes back, then the settings with a window in which places return
   * and nobody is admitted. Calls for one room share one run; running it again changes nothing.
   *
   * @throws ROOM_NOT_FOUND, UNAVAILABLE
   */
  load(roomId: string): Promise<void>;
  /**
   * Again what the record says of the last minutes, for as long as a room recovers: other processes may have
   * written their last ends and admissions after it was loaded. Nobody is admitted meanwhile, so that late
   * is as good as at once.
   */
  reloadRecord(roomId: string): Promise<void>;
}

export function createRoomLoader(options: {
  db: Database;
  redis: RedisClient;
  scripts: LineScripts;
  history: History;
  logger: Logger;
}): RoomLoader {
  const { db, redis, scripts } = options;
  const running = new Map<string, Promise<void>>();

  async function apply(settings: RoomSettings, recoverMs: number): Promise<void> {
    await scripts.apply({
      keys: roomKeys(settings.roomId),
      args: { version: settings.version, recoverMs },
      restArgs: redisFields(settings),
    });
  }

  async function bury(roomId: string, ofLastMs: number): Promise<number> {
    const keys = roomKeys(roomId);
    const recent = await readRecent(db, roomId);
    await scripts.bury({ keys, args: { goneMs: TOMBSTONE_MS, ...recent }, restArgs: [] });
    let after = 0;
    let buried = 0;
    for (;;) {
      const ends = await db.query<{ id: number; customer_id: number; seq: number; kind: number }>({
        name: 'room-events-ends',
        text: `SELECT id, customer_id, seq, array_position($3::room_event_kind[], kind) AS kind
               FROM room_events
               WHERE room_id = $1 AND id > $2 AND kind = ANY($3::room_event_kind[])
                 AND at > clock_timestamp() - make_interval(secs => $4)
               ORDER BY id LIMIT $5`,
        values: [roomId, after, [...END_KINDS], ofLastMs / 1_000, ENDS_READ_MAX],
      });
      for (let from = 0; from < ends.length; from += BURY_MAX) {
        await scripts.bury({
          keys,
          args: { goneMs: TOMBSTONE_MS, lastSeq: 0, admissions: '' },
          restArgs: ends
            .slice(from, from + BURY_MAX)
            .flatMap((end) => [end.customer_id, end.seq, end.kind]),
        });
      }
      buried += ends.length;
      const last = ends.at(-1);
      if (!last || ends.length < ENDS_READ_MAX) return buried;
      after = last.id;
    }
  }

  /** People who may come back: the larger of what Redis still has and what the record says. */
  async function countReturners(roomId: string): Promise<number> {
    const [row] = await db.query<{ people: number }>({
      name: 'room-events-returners',
      // One pass: a join of the table with itself takes minutes while its statistics are young.
      text: `SELECT count(*)::int AS people FROM (
               SELECT 1 FROM room_events
               WHERE room_id = $1 AND at > clock_timestamp() - make_interval(secs => $2)
               GROUP BY customer_id, seq
               HAVING bool_or(kind = 'ENTERED') AND NOT bool_or(kind = ANY($3::room_event_kind[]))
               LIMIT $4) AS live`,
      values: [roomId, TOMBSTONE_MS / 1_000, [...END_KINDS], RETURNERS_COUNTED_MAX],
    });
    return Math.max(await redis.hlen(roomKeys(roomId).places), row?.people ?? 0);
  }

  async function load(roomId: string): Promise<void> {
    const row = await db.prisma.room.findUnique({ where: { id: roomId } });
    if (!row) throw new AppError('ROOM_NOT_FOUND');
    const settings = roomFromRow(row);
    await options.history.flush();
    const buried = await bury(roomId, TOMBSTONE_MS);
    const returners = await countReturners(roomId);
    const recoverMs = returners === 0 ? 0 : recoveryWindowMs(settings, returners);
    await apply(settings, recoverMs);
    options.logger.info({ room: roomId, buried, returners, recoverMs }, 'room loaded into Redis');
  }

  return {
    apply: (settings) => apply(settings, -1),
    async reloadRecord(roomId) {
      await bury(roomId, RECENT_MS);
    },
    load(roomId) {
      const already = running.get(roomId);
      if (already) return already;
      const run = load(roomId).finally(() => running.delete(roomId));
      running.set(roomId, run);
      return run;
    },
  };
}

/**
 * What a loss may have taken of the counters: the last `seq` issued, should the new Redis' clock be behind the
 * old one's, and how many were admitted in which second.
 */
async function readRecent(
  db: Database,
  roomId: string,
): Promise<{ lastSeq: number; admissions: string }> {
  const seconds = await db.query<{ second: number; admitted: number; seq: number }>({
    name: 'room-events-recent',
    text: `SELECT floor(extract(epoch FROM at))::int AS second, max(seq) AS seq,
                  (count(*) FILTER (WHERE kind = 'CALLED'))::int AS admitted
           FROM room_events WHERE room_id = $1 AND at > clock_timestamp() - make_interval(secs => $2)
           GROUP BY 1`,
    values: [roomId, RECENT_MS / 1_000],
  });
  return {
    lastSeq: seconds.reduce((last, { seq }) => Math.max(last, seq), 0),
    admissions: seconds
      .filter(({ admitted }) => admitted > 0)
      .map(({ second, admitted }) => `${second}:${admitted}`)
      .join(','),
  };
}

/** Long enough for everybody's next poll: the interval of the last in line, with its jitter, and a margin. */
function recoveryWindowMs(settings: RoomSettings, people: number): number {
  const graceMs = settings.graceSeconds * 1_000;
  const msPerPlace = solvePace(people, settings.pollBudgetPerSecond, graceMs);
  const longest = Math.max(1_000, msPerPlace * people) * 1.1;
  return Math.ceil(Math.min(longest, pollAfterMaxMs(graceMs))) + RECOVERY_MARGIN_MS;
}

/** The settings as the scripts read them: names and values in turn, an empty value removes the field. */
function redisFields(settings: RoomSettings): (string | number)[] {
  const graceMs = settings.graceSeconds * 1_000;
  return Object.entries({
    state: settings.state,
    capacity: settings.capacity,
    admitPerMinute: settings.admitPerMinute ?? '',
    slotMs: settings.slotSeconds * 1_000,
    claimMs: Math.max(settings.claimSeconds * 1_000, claimWindowMinMs(graceMs)),
    graceMs,
    waitingMax: settings.waitingMax,
    pollBudget: settings.pollBudgetPerSecond,
    opensAt: settings.opensAt?.getTime() ?? '',
    closesAt: settings.closesAt?.getTime() ?? '',
  }).flat();
}
