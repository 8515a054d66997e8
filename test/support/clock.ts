import type { RedisClient } from '../../src/platform/redis.ts';

const KEY = 'test:clock';

/** Redis' own clock, plus what a test has moved it by: days of waiting take no time. */
export const MOVABLE_CLOCK = `local function now_us()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2] + tonumber(redis.call('GET', '${KEY}') or 0)
end
`;

export async function moveClock(redis: RedisClient, byMs: number): Promise<void> {
  await redis.incrby(KEY, byMs * 1_000);
}

/** What `now_us()` says, in ms. */
export async function clockMs(redis: RedisClient): Promise<number> {
  const [seconds, micros] = await redis.time();
  return (
    Number(seconds) * 1_000 + Math.floor((Number(micros) + Number(await redis.get(KEY))) / 1_000)
  );
}
