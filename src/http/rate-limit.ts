import { AppError } from '../platform/errors.ts';

/** A token bucket per key, of which at most `keysMax` are remembered. */
export interface RateLimiter {
  /** Takes one. @throws RATE_LIMITED with the seconds until there is one again */
  take(key: string): void;
}

export function createRateLimiter(options: {
  perSecond: number;
  burst: number;
  keysMax: number;
}): RateLimiter {
  const { perSecond, burst, keysMax } = options;
  const buckets = new Map<string, { level: number; atMs: number }>();

  return {
    take(key) {
      const now = performance.now();
      const known = buckets.get(key);
      const level = known
        ? Math.min(burst, known.level + ((now - known.atMs) / 1_000) * perSecond)
        : burst;
      // Who came last is remembered longest.
      buckets.delete(key);
      const oldest = buckets.size >= keysMax ? buckets.keys().next().value : undefined;
      if (oldest !== undefined) buckets.delete(oldest);
      buckets.set(key, { level: Math.max(0, level - 1), atMs: now });
      if (level >= 1) return;
      throw new AppError('RATE_LIMITED', { retryAfterSeconds: Math.ceil((1 - level) / perSecond) });
    },
  };
}
