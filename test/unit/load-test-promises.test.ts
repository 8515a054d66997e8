import type { SeenPlace } from '../../scripts/load-test/observer.ts';
import { brokenUncalled } from '../../scripts/load-test/summary.ts';

const place: SeenPlace = {
  ...{
    customerId: 1,
    seq: 1,
    enteredAtMs: 0,
    askedAtMs: 0,
    seenAtMs: 0,
    lastNumber: 1,
    pauseMaxMs: 0,
  },
  ...{ activeAtMs: undefined, goneAtMs: undefined, promise: undefined, overtaken: false },
};

describe('a promised wait', () => {
  it('is broken for who went home uncalled after its p90, and for who was in line at the last sale', () => {
    const promise = { atMs: 1_000, p50: 5, p90: 10 };
    const broken = (changes: Partial<SeenPlace>, lastSaleMs = Number.POSITIVE_INFINITY) =>
      brokenUncalled({ places: [{ ...place, promise, ...changes }] }, lastSaleMs);
    expect(broken({ goneAtMs: 11_001 })).toBe(1);
    expect(broken({ goneAtMs: 20_000, activeAtMs: 20_000 }, 12_000)).toBe(1);
    // Of these nobody knows.
    expect(broken({ goneAtMs: 11_000 })).toBe(0);
    expect(broken({ goneAtMs: 20_000 }, 9_000)).toBe(0);
    expect(broken({ goneAtMs: 20_000, promise: undefined })).toBe(0);
    // Called: that wait is held against its promise by itself.
    expect(broken({ goneAtMs: 20_000, activeAtMs: 20_000 })).toBe(0);
  });
});
