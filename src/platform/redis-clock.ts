import type { RedisClient } from './redis.ts';

const ASK_EVERY_MS = 10_000;

/** The time by Redis' clock without a round trip: what the lives of tokens are measured by. */
export interface RedisClock {
  /** Milliseconds since 1970. Until Redis has answered once, this machine's own. */
  nowMs(): number;
  stop(): void;
}

/**
 * Redis' `TIME`, asked now and then and carried on by the monotonic clock in between, so that a machine whose
 * own clock is wrong, or jumps, neither ends tokens early nor lets them live on.
 */
export function createRedisClock(redis: RedisClient): RedisClock {
  let baseMs = Date.now() - performance.now();

  const ask = async (): Promise<void> => {
    const askedAt = performance.now();
    try {
      const [seconds, micros] = await redis.time();
      const answeredAt = performance.now();
      baseMs = Number(seconds) * 1_000 + Number(micros) / 1_000 - (askedAt + answeredAt) / 2;
    } catch {
      // The last answer serves on; the next is asked for when Redis is back.
    }
  };
  const onReady = (): void => void ask();
  redis.on('ready', onReady);
  if (redis.status === 'ready') onReady();
  const timer = setInterval(onReady, ASK_EVERY_MS);
  timer.unref();

  return {
    nowMs: () => baseMs + performance.now(),
    stop() {
      clearInterval(timer);
      redis.off('ready', onReady);
    },
  };
}
