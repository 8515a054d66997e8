import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { RedisClient } from '../platform/redis.ts';
import { type Admission, createAdmission } from './admission.ts';
import { type BusyRooms, createBusyRooms } from './busy-rooms.ts';
import { createHistory, type History } from './history.ts';
import { createRoomChecks, type RoomChecks } from './invariants.ts';
import { createLine, type Line } from './line.ts';
import { createRoomLoader, type RoomLoader } from './room-loader.ts';
import { createRooms, type Rooms } from './rooms.ts';
import { bindLineScripts } from './scripts.ts';
import { createStats, type Stats } from './stats.ts';

export interface WaitingRoom {
  rooms: Rooms;
  line: Line;
  stats: Stats;
  admission: Admission;
  busy: BusyRooms;
  history: History;
  loader: RoomLoader;
  checks: RoomChecks;
  close(): Promise<void>;
}

/**
 * @param nowMs Redis' clock, ms since 1970, without asking
 * @param clock Lua that defines `now_us()`; Redis' own time unless a test moves it
 */
export function createWaitingRoom(options: {
  db: Database;
  redis: RedisClient;
  nowMs: () => number;
  logger: Logger;
  clock?: string;
}): WaitingRoom {
  const { db, redis, nowMs, logger } = options;
  const scripts = bindLineScripts(redis, options.clock);
  const busy = createBusyRooms({ redis, nowMs, logger });
  const history = createHistory({ db, redis, logger });
  const loader = createRoomLoader({ db, redis, scripts, history, logger });
  const admission = createAdmission({ redis, scripts, loader, history, logger });
  return {
    rooms: createRooms({ db, loader, logger }),
    line: createLine({ scripts, loader, admission, history, busy, logger }),
    stats: createStats({ db, redis, scripts, loader }),
    admission,
    busy,
    history,
    loader,
    checks: createRoomChecks({ db, redis, scripts }),
    close: () => history.close(),
  };
}
