import type { RedisClient } from '../../src/platform/redis.ts';
import { roomKeys } from '../../src/waiting-room/keys.ts';

/** Everything Redis knows of a room's line, in a form that a model can have too. */
export interface LineState {
  lastSeq: number;
  /** Customers in order. */
  waiting: number[];
  returning: number[];
  /** Slot deadlines, ms. */
  active: Record<string, number>;
  /** State letter, seq, last recorded contact in seconds, and for slots when they were called or claimed, ms. */
  places: Record<string, [state: string, seq: number, seenSeconds: number, sinceMs: number]>;
  /** `customer:seq` → the tombstone's score. */
  ended: Record<string, number>;
  /** Admissions that count against the rate: second → people. */
  rate: Record<string, number>;
  /** Totals since the room was made. */
  admitted: number;
  entered: number;
}

/** @param second admissions before the sliding minute that ends in it count no more */
export async function readLineState(
  redis: RedisClient,
  roomId: string,
  second: number,
): Promise<LineState> {
  const keys = roomKeys(roomId);
  const [seq, waiting, returning, active, places, ended, rate, flow] = await Promise.all([
    redis.get(keys.seq),
    redis.zrange(keys.waiting, 0, '-1'),
    redis.zrange(keys.returning, 0, '-1'),
    redis.zrange(keys.active, 0, '-1', 'WITHSCORES'),
    redis.hgetallBuffer(keys.places),
    redis.zrange(keys.ended, 0, '-1', 'WITHSCORES'),
    redis.hgetall(keys.rate),
    redis.hmget(keys.flow, 'admitted', 'entered'),
  ]);
  return {
    lastSeq: Number(seq ?? 0),
    waiting: waiting.map(Number),
    returning: returning.map(Number),
    active: scores(active),
    places: Object.fromEntries(
      Object.entries(places).map(([customer, packed]) => [customer, unpack(packed)]),
    ),
    ended: scores(ended),
    rate: Object.fromEntries(
      Object.entries(rate)
        .filter(([at]) => Number(at) >= second - 60)
        .map(([at, people]) => [at, Number(people)]),
    ),
    admitted: Number(flow[0] ?? 0),
    entered: Number(flow[1] ?? 0),
  };
}

function scores(flat: string[]): Record<string, number> {
  const result: Record<string, number> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) result[flat[at] ?? ''] = Number(flat[at + 1]);
  return result;
}

/** As the scripts pack a place: `>dI4c1d`. `since` has a meaning for slots only. */
function unpack(packed: Buffer): LineState['places'][string] {
  const state = packed.toString('latin1', 12, 13);
  const since = 'cs'.includes(state) ? packed.readDoubleBE(13) : 0;
  return [state, packed.readDoubleBE(0), packed.readUInt32BE(8), since];
}
