import type { Database } from '../platform/database.ts';
import type { RedisClient } from '../platform/redis.ts';
import { type Claims, createClaims } from './claims.ts';
import { createSeatMaps, type SeatMaps } from './seat-map.ts';

export type { Claims } from './claims.ts';
export type { Seat } from './keys.ts';
export { nextMapInMs, type SeatMap, type SeatStatus } from './seat-map.ts';

export interface Seats {
  claims: Claims;
  maps: SeatMaps;
}

export function createSeats(options: { db: Database; redis: RedisClient }): Seats {
  return { claims: createClaims(options.redis), maps: createSeatMaps(options.db) };
}
