import type { RedisClient } from '../../src/platform/redis.ts';

const KEY = 'test:clock';

/** Redis' own clock, plus what a test has moved it by: days of waiting take no time. */
export const MOVABLE_CLOCK = `local function now_us()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2] + tonumber(redis.call('GET', '${KEY}') or 0)
end
`;

/** A clock that stands still until a test sets it: what happens can be foretold to the microsecond. */
export const STILL_CLOCK = `local function now_us()
  return tonumber(redis.call('GET', '${KEY}'))
end
`;

export async function moveClock(redis: RedisClient, byMs: number): Promise<void> {
  await redis.incrby(KEY, byMs * 1_000);
}

/** For `STILL_CLOCK`. */
export async function setClock(redis: RedisClient, toMs: number): Promise<void> {
  await redis.set(KEY, toMs * 1_000);
}

/** What `now_us()` of `MOVABLE_CLOCK` says, in ms. */
export async function clockMs(redis: RedisClient): Promise<number> {
  const [seconds, micros] = await redis.time();
  return (
    Number(seconds) * 1_000 + Math.floor((Number(micros) + Number(await redis.get(KEY))) / 1_000)
  );
}
