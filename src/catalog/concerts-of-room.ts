import { createBoundedCache } from '../platform/bounded-cache.ts';
import type { Database } from '../platform/database.ts';

/** What a room waits for, as its page names it. */
export interface RoomConcert {
  concertId: number;
  concertName: string;
  artist: string;
}

/** The concerts in front of which a room stands, while their sale has not ended: at most a second old. */
export type ConcertsOfRoom = (roomId: string) => Promise<RoomConcert[]>;

const LISTED_MAX = 20;
const FRESH_MS = 1_000;
const CACHED_MAX = 2_000;

export function createConcertsOfRoom(db: Database): ConcertsOfRoom {
  const cache = createBoundedCache({
    read: (roomId: string) =>
      db.query<RoomConcert>({
        name: 'concerts-of-room',
        text: `SELECT id AS "concertId", name AS "concertName", artist FROM concerts
               WHERE room_id = $1 AND sale_end_at > clock_timestamp() ORDER BY id LIMIT $2`,
        values: [roomId, LISTED_MAX],
      }),
    freshMs: () => FRESH_MS,
    sizeMax: CACHED_MAX,
  });
  return (roomId) => cache.get(roomId);
}
