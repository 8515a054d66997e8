import { useEffect, useState } from 'preact/hooks';
import type { Alerts } from './alerts.ts';
import { Announcer } from './announcer.tsx';
import type { Room } from './documents.ts';
import { Ended } from './ended.tsx';
import { Join } from './join.tsx';
import type { LineOfRoom, LineState } from './line.ts';
import { OfflineBanner } from './offline-banner.tsx';
import { say } from './sentences.ts';
import { Turn } from './turn.tsx';
import { useRoom } from './use-room.ts';
import { Waiting } from './waiting.tsx';

/** The whole page: the operator's words, and where the person stands. */
export function WaitingRoom(props: { first: Room; line: LineOfRoom; alerts: Alerts }) {
  const { line, alerts } = props;
  const [state, setState] = useState(line.state());
  useEffect(() => {
    const draw = (): void => setState(line.state());
    line.onChange(draw);
    draw();
  }, [line]);
  const room = useRoom(props.first, state.place);
  const concerts = room.concerts.map((one) => one.concertName).join(' · ');
  return (
    <main class="room">
      {state.offline && <OfflineBanner onRetry={line.hurry} />}
      <header>
        {concerts && (
          <p class="quiet" dir="auto">
            {concerts}
          </p>
        )}
        <h1 dir="auto">{room.title}</h1>
      </header>
      {room.message && (
        <p class="message" dir="auto">
          {room.message}
        </p>
      )}
      <section class="card stage">
        <Stage state={state} room={room} line={line} alerts={alerts} />
      </section>
      <Announcer state={state} room={room} alerts={alerts} />
    </main>
  );
}

function Stage(props: { state: LineState; room: Room; line: LineOfRoom; alerts: Alerts }) {
  const { state, room, line, alerts } = props;
  switch (state.phase) {
    case 'loading':
      return <p class="quiet">{say.joining}</p>;
    case 'waiting':
      return <Waiting state={state} room={room} line={line} alerts={alerts} />;
    case 'turn':
      return <Turn place={state.place} room={room} />;
    case 'ended':
      return <Ended room={room} line={line} />;
    default:
      return <Join state={state} room={room} line={line} />;
  }
}
