import { formatNumber } from '../base/language.ts';
import { AlertChoices } from './alert-choices.tsx';
import type { Alerts } from './alerts.ts';
import type { Room } from './documents.ts';
import { Leave } from './leave.tsx';
import type { LineOfRoom, LineState } from './line.ts';
import { say } from './sentences.ts';
import { Situation } from './situation.tsx';

/** A bar that has begun can be seen. */
const BAR_MIN = 0.04;

/** A place in the line: the number first, then all that follows from it. */
export function Waiting(props: { state: LineState; room: Room; line: LineOfRoom; alerts: Alerts }) {
  const { state, room, line, alerts } = props;
  const { place, progress } = state;
  if (!place) return null;
  return (
    <>
      <Position state={state} />
      <progress class="way" max={1} value={Math.max(BAR_MIN, progress)} aria-label={say.progress} />
      <Situation place={place} room={room} />
      <dl class="facts">
        <dt>{say.wait}</dt>
        <dd class="strong">{place.eta ? say.eta(place.eta) : say.etaUnknown}</dd>
        <dt>{say.held}</dt>
        <dd>
          {place.placeHeldUntil && say.heldUntil(place.placeHeldUntil)} {say.heldText}
        </dd>
      </dl>
      <AlertChoices alerts={alerts} />
      <Leave line={line} />
    </>
  );
}

function Position({ state }: { state: LineState }) {
  const { place, firstNumber, previousNumber } = state;
  const number = place?.waitingNumber ?? 0;
  if (number === 0) return <p class="counting">{say.counting}</p>;
  const total = firstNumber - number;
  const now = previousNumber > number ? previousNumber - number : 0;
  return (
    <div class="position">
      <p class="label">{say.number}</p>
      <p class="number">
        {formatNumber(number)}
        {say.numberUnit && <span class="unit">{say.numberUnit}</span>}
      </p>
      <p>{number === 1 ? say.next : say.ahead(number - 1)}</p>
      {total > 0 && (
        <p class="moved">
          {say.moved(total)}
          {now > 0 && now < total && <span class="now"> · {say.movedNow(now)}</span>}
        </p>
      )}
    </div>
  );
}
