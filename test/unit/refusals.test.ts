import { ERRORS } from '../../src/platform/errors.ts';
import { NEXT_STEP } from '../../src/web/shop/next-step.ts';
import { REFUSALS_EN } from '../../src/web/shop/refusals-en.ts';
import { REFUSALS_KO } from '../../src/web/shop/refusals-ko.ts';

/** No answer at all is told like a refusal. */
const CODES = [...Object.keys(ERRORS), 'OFFLINE'].sort();

describe('refusals in the shop', () => {
  it('are told in plain words in both languages, each with a next step', () => {
    expect(Object.keys(REFUSALS_KO).sort()).toEqual(CODES);
    expect(Object.keys(REFUSALS_EN).sort()).toEqual(CODES);
    expect(Object.keys(NEXT_STEP).sort()).toEqual(CODES);
  });

  it('speak the language they are for, and name no code', () => {
    for (const sentence of Object.values(REFUSALS_KO)) {
      expect(sentence).toMatch(/\p{Script=Hangul}/u);
    }
    for (const sentence of Object.values(REFUSALS_EN)) {
      expect(sentence).not.toMatch(/\p{Script=Hangul}/u);
    }
    for (const sentence of [...Object.values(REFUSALS_KO), ...Object.values(REFUSALS_EN)]) {
      expect(sentence).not.toMatch(/[A-Z]{2,}|_|\d{3}/);
    }
  });
});
