import { AppError } from '../platform/errors.ts';
import { createRecent } from '../platform/recent.ts';

/**
 * Lets the caller of each key through so many times a second, after a burst: the generic cell rate algorithm
 * (ITU-T I.371), which is a token bucket in one number.
 */
export interface RateLimiter<Key> {
  /**
   * Takes one; who is refused has taken none.
   *
   * @param keeper what is kept of this caller from request to request; it keeps the bucket too, which spares
   *   looking it up
   * @throws RATE_LIMITED with the seconds until there is one again
   */
  take(key: Key, keeper?: BucketKeeper): void;
}

export interface BucketKeeper {
  bucket?: Bucket;
}

interface Bucket {
  /** When it will be full again. */
  fullAtMs: number;
  /** Of the limiter's memory, when the bucket was last found there. */
  generation: number;
}

/** @param options `keysMax`: of that many keys at most the bucket is remembered; `nowMs`: any steady clock */
export function createRateLimiter<Key extends string | number>(options: {
  perSecond: number;
  burst: number;
  keysMax: number;
  nowMs?: () => number;
}): RateLimiter<Key> {
  const nowOf = options.nowMs ?? (() => performance.now());
  const intervalMs = 1_000 / options.perSecond;
  const emptyMs = (options.burst - 1) * intervalMs;
  const buckets = createRecent<Key, Bucket>(options.keysMax);

  function bucketOf(key: Key, keeper?: BucketKeeper): Bucket {
    const kept = keeper?.bucket;
    // Looked up once in each generation, or it would be forgotten while it is used, and a second one be given out.
    if (kept && kept.generation === buckets.generation()) return kept;
    const bucket = buckets.get(key) ?? { fullAtMs: 0, generation: 0 };
    buckets.set(key, bucket);
    bucket.generation = buckets.generation();
    if (keeper) keeper.bucket = bucket;
    return bucket;
  }

  return {
    take(key, keeper) {
      const bucket = bucketOf(key, keeper);
      const nowMs = nowOf();
      const fullAtMs = Math.max(bucket.fullAtMs, nowMs);
      const waitMs = fullAtMs - nowMs - emptyMs;
      if (waitMs > 0) {
        throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
      }
      bucket.fullAtMs = fullAtMs + intervalMs;
    },
  };
}
