import { inWords, rangeInWords } from '../../src/platform/duration-words.ts';

describe('a wait in words', () => {
  it.each([
    [{ p50: 5, p90: 40 }, '1분 이내', 'less than a minute'],
    [{ p50: 40, p90: 100 }, '2분 이내', 'less than 2 minutes'],
    [{ p50: 245, p90: 350 }, '약 4~6분', 'about 4 to 6 minutes'],
    [{ p50: 120, p90: 120 }, '약 2분', 'about 2 minutes'],
    [
      { p50: 3_700, p90: 5_300 },
      '약 1시간 1분 ~ 1시간 29분',
      'about 1 hour 1 minute to 1 hour 29 minutes',
    ],
    [{ p50: 5_000, p90: 8_000 }, '약 1시간 ~ 2시간 30분', 'about 1 hour to 2 hours 30 minutes'],
  ])('%j', (range, ko, en) => {
    expect(rangeInWords(range, 'ko')).toBe(ko);
    expect(rangeInWords(range, 'en')).toBe(en);
  });

  it('never promises less than was estimated', () => {
    for (let p90 = 60; p90 < 20_000; p90 += 37) {
      const words = rangeInWords({ p50: p90 / 2, p90 }, 'en');
      const [, hours = 0, minutes = 0] =
        /(?:(\d+) hours?)? ?(?:(\d+) minutes?)?$/.exec(words) ?? [];
      expect(Number(hours) * 3_600 + Number(minutes) * 60).toBeGreaterThanOrEqual(p90);
    }
  });

  it('counts seconds, minutes and hours', () => {
    expect([inWords(0, 'en'), inWords(1, 'en'), inWords(59, 'ko')]).toEqual([
      '0 seconds',
      '1 second',
      '59초',
    ]);
    expect([inWords(60, 'en'), inWords(3_600, 'ko'), inWords(3_720, 'ko')]).toEqual([
      '1 minute',
      '1시간',
      '1시간 2분',
    ]);
  });
});
