import { type Actor, recordAudit } from '../platform/audit.ts';
import { createBoundedCache } from '../platform/bounded-cache.ts';
import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { RoomLoader } from './room-loader.ts';

export type RoomState = 'OPEN' | 'PAUSED' | 'CLOSED';

/** What an operator sets. Times are absolute; `admitPerMinute` null: no limit but the capacity. */
export interface RoomInput {
  name: string;
  state: RoomState;
  /** People with a slot at the same time. */
  capacity: number;
  admitPerMinute: number | null;
  slotSeconds: number;
  claimSeconds: number;
  graceSeconds: number;
  waitingMax: number;
  pollBudgetPerSecond: number;
  opensAt: Date | null;
  closesAt: Date | null;
  title: string;
  message: string;
  colour: string;
}

export type RoomSettings = RoomInput & { roomId: string; version: number };

export const ROOM_DEFAULTS: Omit<RoomInput, 'name'> = {
  state: 'OPEN',
  capacity: 100,
  admitPerMinute: null,
  slotSeconds: 600,
  claimSeconds: 65,
  graceSeconds: 240,
  waitingMax: 2_000_000,
  pollBudgetPerSecond: 2_000,
  opensAt: null,
  closesAt: null,
  title: '',
  message: '',
  colour: '',
};

/** What a page shows of a room may be this old, ms. */
const SHOWN_FRESH_MS = 1_000;
const SHOWN_MAX = 2_000;
/** A room list is an operator's page, not a table dump. */
const ROOMS_LISTED_MAX = 10_000;

export interface Rooms {
  list(): Promise<RoomSettings[]>;
  /** @throws ROOM_NOT_FOUND */
  get(roomId: string): Promise<RoomSettings>;
  /** The same, at most a second old: for pages that many people open. @throws ROOM_NOT_FOUND */
  shown(roomId: string): Promise<RoomSettings>;
  /** Every room's id, and nothing more. */
  ids(): Promise<string[]>;
  /** Rooms changed within the last `seconds` to a version that is not known yet: what Redis may not have. */
  changedWithin(
    seconds: number,
    known: (room: Pick<RoomSettings, 'roomId' | 'version'>) => boolean,
  ): Promise<RoomSettings[]>;
  /** @throws ALREADY_EXISTS, ILLEGAL_ARGUMENTS */
  create(roomId: string, input: RoomInput, actor: Actor): Promise<RoomSettings>;
  /** @throws ROOM_NOT_FOUND, VERSION_CONFLICT (with the current version), ILLEGAL_ARGUMENTS */
  patch(
    roomId: string,
    version: number,
    changes: Partial<RoomInput>,
    actor: Actor,
  ): Promise<RoomSettings>;
}

/**
 * The rooms' settings. Postgres commits first; Redis, which the line obeys, gets the higher version right
 * after, and again from the worker's tick should that fail.
 */
export function createRooms(options: { db: Database; loader: RoomLoader; logger: Logger }): Rooms {
  const { prisma } = options.db;

  /** What is committed stands, whatever Redis says; the worker's tick brings it there later. */
  async function inRedis(roomId: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      options.logger.warn({ error, room: roomId }, 'settings wait for the next tick');
    }
  }

  async function get(roomId: string): Promise<RoomSettings> {
    const row = await prisma.room.findUnique({ where: { id: roomId } });
    if (!row) throw new AppError('ROOM_NOT_FOUND');
    return roomFromRow(row);
  }

  const shown = createBoundedCache({
    read: get,
    freshMs: () => SHOWN_FRESH_MS,
    sizeMax: SHOWN_MAX,
  });

  return {
    get,
    shown: (roomId) => shown.get(roomId),

    async list() {
      const rows = await prisma.room.findMany({ orderBy: { id: 'asc' }, take: ROOMS_LISTED_MAX });
      return rows.map(roomFromRow);
    },

    async ids() {
      const rows = await options.db.query<{ id: string }>({
        name: 'room-ids',
        text: 'SELECT id FROM rooms ORDER BY id LIMIT $1',
        values: [ROOMS_LISTED_MAX],
      });
      return rows.map((row) => row.id);
    },

    async changedWithin(seconds, known) {
      const rows = await options.db.query<Pick<RoomSettings, 'roomId' | 'version'>>({
        name: 'rooms-changed',
        text: `SELECT id AS "roomId", version FROM rooms
               WHERE updated_at > clock_timestamp() - make_interval(secs => $1)`,
        values: [seconds],
      });
      const ids = rows.filter((room) => !known(room)).map((room) => room.roomId);
      if (ids.length === 0) return [];
      return (await prisma.room.findMany({ where: { id: { in: ids } } })).map(roomFromRow);
    },

    async create(roomId, input, actor) {
      requireOrder(input);
      const created = await prisma.$transaction(async (tx) => {
        const { count } = await tx.room.createMany({
          data: [{ ...input, id: roomId }],
          skipDuplicates: true,
        });
        if (count === 0) throw new AppError('ALREADY_EXISTS');
        const room = roomFromRow(await tx.room.findUniqueOrThrow({ where: { id: roomId } }));
        await recordAudit(tx, {
          actor,
          action: 'room.create',
          target: `room:${roomId}`,
          after: room,
        });
        return room;
      });
      await inRedis(roomId, () => options.loader.load(roomId));
      return created;
    },

    async patch(roomId, version, changes, actor) {
      const patched = await prisma.$transaction(async (tx) => {
        const before = await tx.room.findUnique({ where: { id: roomId } });
        if (!before) throw new AppError('ROOM_NOT_FOUND');
        const { count } = await tx.room.updateMany({
          where: { id: roomId, version },
          data: { ...changes, version: { increment: 1 } },
        });
        await tx.$executeRaw`UPDATE rooms SET updated_at = clock_timestamp() WHERE id = ${roomId}`;
        const now = roomFromRow(await tx.room.findUniqueOrThrow({ where: { id: roomId } }));
        if (count === 0)
          throw new AppError('VERSION_CONFLICT', { details: { version: now.version } });
        requireOrder(now);
        await recordAudit(tx, {
          actor,
          action: 'room.patch',
          target: `room:${roomId}`,
          before: roomFromRow(before),
          after: now,
        });
        return now;
      });
      await inRedis(roomId, () => options.loader.apply(patched));
      return patched;
    },
  };
}

/** @throws ILLEGAL_ARGUMENTS for a room that would close before it opens */
function requireOrder({ opensAt, closesAt }: Pick<RoomInput, 'opensAt' | 'closesAt'>): void {
  if (!opensAt || !closesAt || closesAt > opensAt) return;
  throw new AppError('ILLEGAL_ARGUMENTS', {
    details: { errors: [{ path: 'closesAt', message: 'must be after opensAt' }] },
  });
}

type RoomRow = RoomInput & { id: string; version: number };

export function roomFromRow(row: RoomRow): RoomSettings {
  return {
    roomId: row.id,
    name: row.name,
    state: row.state,
    capacity: row.capacity,
    admitPerMinute: row.admitPerMinute,
    slotSeconds: row.slotSeconds,
    claimSeconds: row.claimSeconds,
    graceSeconds: row.graceSeconds,
    waitingMax: row.waitingMax,
    pollBudgetPerSecond: row.pollBudgetPerSecond,
    opensAt: row.opensAt,
    closesAt: row.closesAt,
    title: row.title,
    message: row.message,
    colour: row.colour,
    version: row.version,
  };
}
