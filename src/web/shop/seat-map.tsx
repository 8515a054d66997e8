import { useRef, useState } from 'preact/hooks';
import type { Seat } from './documents.ts';
import { say } from './sentences.ts';

type Look = 'available' | 'chosen' | 'held' | 'sold' | 'blocked' | 'mine';

/** Seats 1..N in front of the stage; one tab stop, arrow keys inside. */
export function SeatMap(props: {
  seats: Seat[];
  chosen: number[];
  mine: number[];
  onToggle: (seatId: number) => void;
}) {
  const { seats, chosen, mine, onToggle } = props;
  const [focused, setFocused] = useState(0);
  const grid = useRef<HTMLFieldSetElement>(null);

  function onKeyDown(event: KeyboardEvent): void {
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -columns(grid),
      ArrowDown: columns(grid),
    }[event.key];
    const to = focused + (step ?? 0);
    if (step === undefined || to < 0 || to >= seats.length) return;
    event.preventDefault();
    setFocused(to);
    const seat = grid.current?.children[to];
    if (seat instanceof HTMLElement) seat.focus();
  }

  return (
    <div class="map card">
      <p class="stage-front">{say.stage}</p>
      <fieldset class="grid" aria-label={say.seats} ref={grid} onKeyDown={onKeyDown}>
        {seats.map(({ seatId, status }, index) => {
          const look = lookOf(seatId, status, chosen, mine);
          const open = look === 'available' || look === 'chosen';
          return (
            <button
              key={seatId}
              type="button"
              class={`seat ${look}`}
              tabIndex={index === focused ? 0 : -1}
              aria-pressed={look === 'chosen'}
              aria-disabled={!open}
              aria-label={`${say.seat(seatId)}, ${say[look]}`}
              onFocus={() => setFocused(index)}
              onClick={() => open && onToggle(seatId)}
            >
              {seatId}
            </button>
          );
        })}
      </fieldset>
      <Legend hasMine={mine.length > 0} />
    </div>
  );
}

function Legend({ hasMine }: { hasMine: boolean }) {
  const looks: Look[] = [
    'available',
    'chosen',
    'held',
    'sold',
    ...(hasMine ? ['mine' as const] : []),
  ];
  return (
    <ul class="legend" aria-hidden="true">
      {looks.map((look) => (
        <li key={look}>
          <span class={`seat ${look}`} />
          {say[look]}
        </li>
      ))}
    </ul>
  );
}

function lookOf(seatId: number, status: Seat['status'], chosen: number[], mine: number[]): Look {
  if (mine.includes(seatId)) return 'mine';
  if (status === 'HELD') return 'held';
  if (status === 'SOLD') return 'sold';
  if (status === 'BLOCKED') return 'blocked';
  return chosen.includes(seatId) ? 'chosen' : 'available';
}

/** How many seats stand in one row of the drawn grid. */
function columns(grid: { current: HTMLFieldSetElement | null }): number {
  const drawn = grid.current ? getComputedStyle(grid.current).gridTemplateColumns : '';
  return Math.max(1, drawn.split(' ').length);
}
