import fc from 'fast-check';
import { type BucketKeeper, createRateLimiter } from '../../src/http/rate-limit.ts';

/** Exact in binary, so that the model counts the same. */
const PER_SECOND = 4;
const BURST = 6;

describe('a rate limit', () => {
  const steps = fc.array(fc.record({ key: fc.nat(3), afterMs: fc.nat(1_200) }), { maxLength: 150 });

  it('lets each through as a bucket of tokens would, and says when there is one again', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (asked, keeps) => {
        let nowMs = 1_000;
        const limiter = createRateLimiter<number>({
          perSecond: PER_SECOND,
          burst: BURST,
          keysMax: 100,
          nowMs: () => nowMs,
        });
        const keepers = new Map<number, BucketKeeper>();
        const levels = new Map<number, { level: number; atMs: number }>();
        for (const { key, afterMs } of asked) {
          nowMs += afterMs;
          const { level: left, atMs } = levels.get(key) ?? { level: BURST, atMs: nowMs };
          const level = Math.min(BURST, left + ((nowMs - atMs) / 1_000) * PER_SECOND);
          const keeper = keepers.get(key) ?? {};
          keepers.set(key, keeper);
          const refused = refusalOf(() => limiter.take(key, keeps ? keeper : undefined));
          const wait = Math.ceil((1 - level) / PER_SECOND);
          expect(refused).toEqual(level >= 1 ? undefined : { retryAfterSeconds: wait });
          levels.set(key, { level: level >= 1 ? level - 1 : level, atMs: nowMs });
        }
      }),
    );
  });

  it('has one bucket for a key, kept or not, however many others come', () => {
    const limiter = createRateLimiter<number>({
      perSecond: 1,
      burst: 8,
      keysMax: 4,
      nowMs: () => 0,
    });
    const keeper: BucketKeeper = {};
    const another: BucketKeeper = {};
    limiter.take(1, keeper);
    // The kept one is never looked up while these push it out, unless the limiter sees to it.
    for (let key = 2; key < 8; key += 1) {
      limiter.take(key);
      limiter.take(1, keeper);
    }
    limiter.take(1, another);
    expect(refusalOf(() => limiter.take(1))).toEqual({ retryAfterSeconds: 1 });
    expect(refusalOf(() => limiter.take(1, keeper))).toEqual({ retryAfterSeconds: 1 });
    expect(refusalOf(() => limiter.take(1, another))).toEqual({ retryAfterSeconds: 1 });
  });
});

/** What the refusal says of it, or undefined when there was none. */
function refusalOf(take: () => void): unknown {
  try {
    take();
    return undefined;
  } catch (error) {
    const { code, retryAfterSeconds } = Object(error);
    return code === 'RATE_LIMITED' ? { retryAfterSeconds } : error;
  }
}
