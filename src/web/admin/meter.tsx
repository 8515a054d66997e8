import { formatNumber } from '../base/language.ts';

/** So many of so many, as a bar with its figures in words. */
export function Meter({ label, value, max }: { label: string; value: number; max: number }) {
  const share = max > 0 ? Math.min(1, value / max) : Math.min(1, value);
  return (
    <span class="meter">
      <span class="meter-words">
        <span>{label}</span>
        <b>
          {formatNumber(value)} / {formatNumber(max)}
        </b>
      </span>
      <span class="meter-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}
