import fc from 'fast-check';
import { numberText } from '../../src/platform/number-text.ts';

describe('numberText', () => {
  it('writes every safe number as String does', () => {
    const numbers = fc.oneof(
      fc.nat(2_000_000),
      fc.maxSafeInteger(),
      fc.double({ min: -1e15, max: 1e15 }),
      fc.constantFrom(0, 999, 1_000, 1_001, 999_999, 1_000_000, 1_000_000_007, Number.NaN),
    );
    fc.assert(
      fc.property(numbers, (number) => {
        expect(numberText(number)).toBe(String(number));
      }),
      { numRuns: 5_000 },
    );
  });
});
