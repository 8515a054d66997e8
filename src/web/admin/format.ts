import { formatNumber, inLanguage } from '../base/language.ts';
import type { Eta } from './data.ts';

const say = inLanguage({
  ko: {
    locale: 'ko-KR',
    seconds: (n: number) => `${n}초`,
    minutes: (n: number) => `${n}분`,
    hours: (n: number) => `${n}시간`,
    unknown: '아직 알 수 없음',
  },
  en: {
    locale: 'en-GB',
    seconds: (n: number) => `${n} s`,
    minutes: (n: number) => `${n} min`,
    hours: (n: number) => `${n} h`,
    unknown: 'not known yet',
  },
});

const moments = new Intl.DateTimeFormat(say.locale, { dateStyle: 'medium', timeStyle: 'medium' });
const decimals = new Intl.NumberFormat(say.locale, { maximumFractionDigits: 1 });

/** A day and time in the operator's own zone. */
export const formatTime = (iso: string): string => moments.format(new Date(iso));

/** A rate: whole from ten on, with one decimal below. */
export function formatRate(value: number): string {
  return value >= 10 ? formatNumber(Math.round(value)) : decimals.format(value);
}

const compact = new Intl.NumberFormat(say.locale, { notation: 'compact' });
/** A number as short as an axis wants it. */
export const formatTick = (value: number): string => compact.format(value);

/** Seconds as minutes and seconds, from an hour on as hours and minutes, as short as an axis wants it. */
export function formatDurationTick(seconds: number): string {
  const units = seconds < 3_600 ? seconds : seconds / 60;
  return `${Math.floor(units / 60)}:${String(Math.floor(units % 60)).padStart(2, '0')}`;
}

/** Seconds in words, with the two largest units at most. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return say.seconds(whole);
  if (whole < 3_600) return two(say.minutes(Math.floor(whole / 60)), whole % 60, say.seconds);
  return two(say.hours(Math.floor(whole / 3_600)), Math.floor((whole % 3_600) / 60), say.minutes);
}

/** An estimated wait as a range. */
export function formatEta(eta: Eta): string {
  if (!eta) return say.unknown;
  const from = formatDuration(eta.p50);
  const to = formatDuration(eta.p90);
  return from === to ? from : `${from} – ${to}`;
}

function two(large: string, rest: number, small: (n: number) => string): string {
  return rest === 0 ? large : `${large} ${small(rest)}`;
}

/** For `<input type="datetime-local">`, in the operator's own zone; empty for none. */
export function toLocalInput(iso: string | null): string {
  if (!iso) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

export function fromLocalInput(text: string): string | null {
  return text === '' ? null : new Date(text).toISOString();
}
