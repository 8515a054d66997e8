import { AppError } from '../platform/errors.ts';
import { createRecent } from '../platform/recent.ts';

/** A token bucket per key, of which at most `keysMax` are remembered. */
export interface RateLimiter<Key> {
  /** Takes one. @throws RATE_LIMITED with the seconds until there is one again */
  take(key: Key): void;
}

export function createRateLimiter<Key extends string | number>(options: {
  perSecond: number;
  burst: number;
  keysMax: number;
}): RateLimiter<Key> {
  const { perSecond, burst, keysMax } = options;
  const buckets = createRecent<Key, Bucket>(keysMax);

  function bucketOf(key: Key, now: number): Bucket {
    const known = buckets.get(key);
    if (known) return known;
    const bucket = { level: burst, atMs: now };
    buckets.set(key, bucket);
    return bucket;
  }

  return {
    take(key) {
      const now = performance.now();
      const bucket = bucketOf(key, now);
      const level = Math.min(burst, bucket.level + ((now - bucket.atMs) / 1_000) * perSecond);
      bucket.level = Math.max(0, level - 1);
      bucket.atMs = now;
      if (level >= 1) return;
      throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil((1 - level) / perSecond) });
    },
  };
}

interface Bucket {
  level: number;
  atMs: number;
}
