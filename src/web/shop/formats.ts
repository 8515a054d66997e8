import { formatNumber, language, locale } from '../base/language.ts';

const days = new Intl.DateTimeFormat(locale, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  weekday: 'short',
  hour: 'numeric',
  minute: '2-digit',
});
/** Date with its weekday, and time of day. @param iso ISO 8601 */
export const formatDay = (iso: string): string => days.format(new Date(iso));
/** Won. */
export const formatMoney = (won: number): string =>
  language === 'ko' ? `${formatNumber(won)}원` : `₩${formatNumber(won)}`;
