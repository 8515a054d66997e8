import { inLanguage } from '../base/language.ts';
import { ConflictNotice } from './conflict-notice.tsx';
import { RoomCurves } from './curves.tsx';
import { Limits } from './limits.tsx';
import { MoreSettings } from './more-settings.tsx';
import { PageText } from './page-text.tsx';
import { RoomFigures } from './room-figures.tsx';
import { RoomStateControls, StateBadge } from './room-state.tsx';
import { hrefTo } from './route.ts';
import { Trouble } from './trouble.tsx';
import { useLive } from './use-live.ts';
import { useSettings } from './use-settings.ts';

const say = inLanguage({
  ko: {
    all: '모든 대기실',
    open: '방문자 화면 열기',
    broken: '실시간 연결이 끊겨 다시 연결하는 중입니다. 수치가 오래되었을 수 있습니다.',
    recovering: '복구 중입니다. 자리를 되찾는 동안 아무도 입장하지 않습니다.',
  },
  en: {
    all: 'All rooms',
    open: 'Open the visitors’ page',
    broken: 'The live connection is broken and is being taken up again. Figures may be old.',
    recovering: 'Recovering: while places return nobody is admitted.',
  },
});

/** One room: its figures first, then the controls, then the curves, then what visitors see. */
export function RoomView({ roomId }: { roomId: string }) {
  const { room, problem, conflict, save, giveWay } = useSettings(roomId);
  const live = useLive(roomId);
  return (
    <>
      <p class="crumbs">
        <a href={hrefTo('rooms')}>{say.all}</a>
        <a href={`/rooms/${encodeURIComponent(roomId)}`} target="_blank" rel="noopener">
          {say.open}
        </a>
      </p>
      <Trouble problem={problem} />
      {room && (
        <>
          <div class="room-head">
            <h1 dir="auto">{room.name}</h1>
            <StateBadge state={room.state} />
            <RoomStateControls
              room={room}
              save={async (changes) => void (await save(changes, room))}
            />
          </div>
          {!live.connected && <p class="notice warn">{say.broken}</p>}
          {live.stats?.recovering && <p class="notice warn">{say.recovering}</p>}
          {conflict && <ConflictNotice conflict={conflict} save={save} giveWay={giveWay} />}
          <RoomFigures room={room} stats={live.stats} />
          <Limits room={room} save={save} />
          <RoomCurves live={live} room={room} />
          <PageText room={room} save={save} />
          <MoreSettings room={room} save={save} />
        </>
      )}
    </>
  );
}
