import type { Reservation } from './documents.ts';
import { formatDay } from './formats.ts';
import { say } from './sentences.ts';

/** Bookings that are no tickets any more. */
export function PastBookings({ past }: { past: Reservation[] }) {
  if (past.length === 0) return null;
  return (
    <section class="stack">
      <h2>{say.past}</h2>
      <ul class="past">
        {past.map((one) => (
          <li key={one.reservationId}>
            <span dir="auto">{one.tickets[0]?.concertName}</span>
            <span class="quiet small">
              {one.tickets[0] && formatDay(one.tickets[0].performAt)} ·{' '}
              {say.seatList(one.tickets.map((ticket) => ticket.seatId))}
            </span>
            <span class="badge">{say.status[one.status]}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
