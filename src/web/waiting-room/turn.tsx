import { formatCountdown } from '../base/language.ts';
import { useSecondsLeft } from '../base/use-seconds-left.ts';
import type { Place, Room } from './documents.ts';
import { say } from './sentences.ts';

/** The slot: the way into the shop, and how long it is open. */
export function Turn({ place, room }: { place: Place | undefined; room: Room }) {
  const left = useSecondsLeft(place?.remainingTime ?? 0, place);
  const [only, ...others] = room.concerts;
  const path = only && others.length === 0 ? `/concerts/${only.concertId}` : '/concerts';
  return (
    <div class="turn">
      <h2>{say.turn}</h2>
      <p>{say.turnText}</p>
      <p class="label">{say.turnLeft}</p>
      <p class="number" role="timer">
        {formatCountdown(left)}
      </p>
      <a class="button big" href={path}>
        {say.shop}
      </a>
    </div>
  );
}
