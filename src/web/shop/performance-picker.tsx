import type { Performance } from './documents.ts';
import { formatDay, formatMoney } from './formats.ts';
import { say } from './sentences.ts';

/** Dates with their prices and how many seats are left. */
export function PerformancePicker(props: {
  performances: Performance[];
  chosen: number | undefined;
  onChoose: (optionId: number) => void;
}) {
  const { performances, chosen, onChoose } = props;
  return (
    <section class="stack">
      <h2>{say.dates}</h2>
      {performances.length === 0 && <p class="quiet">{say.noDates}</p>}
      <div class="dates">
        {performances.map((one) => (
          <button
            key={one.optionId}
            class="date"
            type="button"
            aria-pressed={one.optionId === chosen}
            onClick={() => onChoose(one.optionId)}
          >
            <strong>{formatDay(one.performAt)}</strong>
            <span dir="auto">{one.optionName}</span>
            <span class="date-facts">
              <span>{formatMoney(one.price)}</span>
              <span class={one.availableSeats === 0 ? 'quiet' : 'left'}>
                {say.left(one.availableSeats)}
              </span>
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}
