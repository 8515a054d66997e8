import { formatCountdown } from '../base/language.ts';
import { useSecondsLeft } from '../base/use-seconds-left.ts';
import type { Place } from './documents.ts';
import { say } from './sentences.ts';

const SOON_SECONDS = 60;

/** Where the person stands in the concert's room: time left in the slot, or the way to the line. */
export function SlotBar(props: {
  place: Place | 'none' | undefined;
  roomId: string;
  /** Whoever holds seats looks at the time to pay instead. */
  holds: boolean;
}) {
  const { place, roomId, holds } = props;
  if (place === undefined || holds) return null;
  if (place !== 'none' && place.status === 'ACTIVE') return <Slot place={place} />;
  const ended = place !== 'none' && place.status === 'EXPIRED';
  const text =
    place === 'none' ? say.noPlace : ended ? say.slotOverText : say.waiting(place.waitingNumber);
  return (
    <div class="slot-bar">
      <p role="status">
        {ended && <strong>{say.slotOver}. </strong>}
        {text}
      </p>
      <a class="button" href={`/rooms/${roomId}`}>
        {say.toRoom}
      </a>
    </div>
  );
}

function Slot({ place }: { place: Place }) {
  const left = useSecondsLeft(place.remainingTime, place);
  const soon = left <= SOON_SECONDS;
  return (
    <div class={soon ? 'slot-bar soon' : 'slot-bar'}>
      <p>
        {say.slotLeft}{' '}
        <strong class="clock" role="timer">
          {formatCountdown(left)}
        </strong>
      </p>
      {soon && <p role="alert">{say.slotSoon}</p>}
    </div>
  );
}
