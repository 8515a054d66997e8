export type Language = 'ko' | 'en';

const MINUTE = 60;
const HOUR = 3_600;
/** From here on, hours and half hours are exact enough. */
const HOURS_FROM = 90 * MINUTE;

/** A wait as a range in words, widened to whole minutes, later to half hours. @param range seconds */
export function rangeInWords(range: { p50: number; p90: number }, language: Language): string {
  if (range.p90 < MINUTE) return language === 'ko' ? '1분 이내' : 'less than a minute';
  const step = range.p90 < HOURS_FROM ? MINUTE : HOUR / 2;
  const low = Math.floor(range.p50 / step) * step;
  const high = Math.ceil(range.p90 / step) * step;
  if (low === 0) {
    const most = inWords(high, language);
    return language === 'ko' ? `${most} 이내` : `less than ${most}`;
  }
  if (low >= high)
    return language === 'ko' ? `약 ${inWords(high, 'ko')}` : `about ${inWords(high, 'en')}`;
  if (high < HOUR) {
    const [from, to] = [low / MINUTE, high / MINUTE];
    return language === 'ko' ? `약 ${from}~${to}분` : `about ${from} to ${to} minutes`;
  }
  return language === 'ko'
    ? `약 ${inWords(low, 'ko')} ~ ${inWords(high, 'ko')}`
    : `about ${inWords(low, 'en')} to ${inWords(high, 'en')}`;
}

/** A length of time in its two largest units. @param seconds 0 or more */
export function inWords(seconds: number, language: Language): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < MINUTE) return unit(whole, language, '초', 'second');
  const minutes = Math.round(whole / MINUTE);
  const hours = Math.floor(minutes / 60);
  const parts = [
    ...(hours > 0 ? [unit(hours, language, '시간', 'hour')] : []),
    ...(minutes % 60 > 0 ? [unit(minutes % 60, language, '분', 'minute')] : []),
  ];
  return parts.join(' ');
}

function unit(count: number, language: Language, ko: string, en: string): string {
  return language === 'ko' ? `${count}${ko}` : `${count} ${en}${count === 1 ? '' : 's'}`;
}
