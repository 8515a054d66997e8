/** As many seconds in a row are remembered. */
const SECONDS = 256;
const MILLISECONDS = Array.from({ length: 1_000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);

const MILLISECONDS_CHARS = 4;

const seconds: number[] = Array.from({ length: SECONDS }, () => Number.NaN);
const texts: string[] = [];

/**
 * A time in whole ms since 1970 as `Date.toISOString` writes it, which takes half a microsecond: the part down
 * to the second, which lately asked times share, is made once.
 */
export function isoTime(ms: number): string {
  const second = Math.floor(ms / 1_000);
  const at = Math.abs(second % SECONDS);
  if (seconds[at] !== second) {
    texts[at] = new Date(second * 1_000).toISOString().slice(0, -MILLISECONDS_CHARS);
    seconds[at] = second;
  }
  return `${texts[at]}${MILLISECONDS[ms - second * 1_000]}`;
}
