import type { Language } from '../../platform/duration-words.ts';

/** The page's language: the server chose it by Accept-Language, as it does for the messages of errors. */
export const language: Language = document.documentElement.lang === 'ko' ? 'ko' : 'en';

/** The sentences of one page in the page's language; both languages have the same ones. */
export function inLanguage<T>(sentences: Record<Language, T>): T {
  return sentences[language];
}

/** For Intl. */
export const locale = language === 'ko' ? 'ko-KR' : 'en-GB';
const numbers = new Intl.NumberFormat(locale);
const times = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** A whole number with its separators. */
export const formatNumber = (value: number): string => numbers.format(value);
/** Time of day. @param iso ISO 8601 */
export const formatTime = (iso: string): string => times.format(new Date(iso));
/** Date and time of day. @param iso ISO 8601 */
export const formatMoment = (iso: string): string => moments.format(new Date(iso));
/** m:ss, or h:mm:ss. */
export function formatCountdown(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const parts = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, nth) => (nth ? String(part).padStart(2, '0') : String(part))).join(':');
}
