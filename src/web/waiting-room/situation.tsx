import { useSecondsLeft } from '../base/use-seconds-left.ts';
import type { Place, Room } from './documents.ts';
import { say } from './sentences.ts';

/** What is happening, when it is anything else than waiting. */
export function Situation({ place, room }: { place: Place; room: Room }) {
  const opensInSeconds = room.opensAt ? (Date.parse(room.opensAt) - Date.now()) / 1_000 : 0;
  if (place.recovering) return <Notice title={say.recovering} text={say.recoveringText} />;
  if (room.state === 'PAUSED') return <Notice title={say.paused} text={say.pausedText} />;
  if (room.opensAt && opensInSeconds > 0) {
    return <Opening opensAt={room.opensAt} seconds={opensInSeconds} />;
  }
  if (room.state === 'CLOSED') return <Notice title={say.closed} text={say.closedText} />;
  return null;
}

function Opening({ opensAt, seconds }: { opensAt: string; seconds: number }) {
  const left = useSecondsLeft(seconds, opensAt);
  return <Notice title={say.opens(opensAt)} text={say.opensIn(left)} calm />;
}

function Notice({ title, text, calm }: { title: string; text: string; calm?: boolean }) {
  return (
    <div class={calm ? 'notice' : 'notice warn'}>
      <p class="strong">{title}</p>
      <p>{text}</p>
    </div>
  );
}
