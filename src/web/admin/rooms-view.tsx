import { formatNumber, inLanguage } from '../base/language.ts';
import type { Glance, Items, Room } from './data.ts';
import { formatEta, formatRate } from './format.ts';
import { Meter } from './meter.tsx';
import { RoomNew } from './room-new.tsx';
import { StateBadge } from './room-state.tsx';
import { hrefTo } from './route.ts';
import { Trouble } from './trouble.tsx';
import { useRead } from './use-read.ts';

const GLANCE_MS = 2_000;

const say = inLanguage({
  ko: {
    title: '대기실',
    waiting: '대기 중',
    active: '입장 중',
    eta: '지금 줄을 서면',
    rate: '분당 입장',
    recovering: '복구 중',
    unknown: '수치를 읽을 수 없음',
    empty: '대기실이 없습니다.',
  },
  en: {
    title: 'Rooms',
    waiting: 'waiting',
    active: 'Inside',
    eta: 'Wait for who joins now',
    rate: 'Admitted per minute',
    recovering: 'Recovering',
    unknown: 'No figures right now',
    empty: 'There are no rooms.',
  },
});

type LiveRoom = Room & { live: Glance | null };

/** Every room at a glance, the longest line first. */
export function RoomsView() {
  const { value, problem, reload } = useRead<Items<LiveRoom>>('/admin/rooms', GLANCE_MS);
  const rooms = [...(value?.items ?? [])].sort(
    (a, b) => (b.live?.waiting ?? 0) - (a.live?.waiting ?? 0) || a.roomId.localeCompare(b.roomId),
  );
  return (
    <>
      <h1>{say.title}</h1>
      <Trouble problem={problem} />
      {value && rooms.length === 0 && <p class="quiet">{say.empty}</p>}
      <ul class="cards">
        {rooms.map((room) => (
          <li key={room.roomId}>
            <RoomCard room={room} />
          </li>
        ))}
      </ul>
      <RoomNew onCreated={reload} />
    </>
  );
}

function RoomCard({ room }: { room: LiveRoom }) {
  const { live } = room;
  return (
    <a class="card room-card" href={hrefTo('rooms', room.roomId)}>
      <span class="room-name">
        <strong dir="auto">{room.name}</strong>
        <StateBadge state={room.state} />
        {live?.recovering && <span class="badge warn">{say.recovering}</span>}
      </span>
      {room.name !== room.roomId && <code class="quiet">{room.roomId}</code>}
      {live ? (
        <>
          <span class="big">
            {formatNumber(live.waiting + live.returning)} <small>{say.waiting}</small>
          </span>
          <Meter label={say.active} value={live.active} max={room.capacity} />
          <span class="pair">
            <span>
              {say.rate} <b>{formatRate(live.admittedPerMinute)}</b>
            </span>
            <span>
              {say.eta} <b>{formatEta(live.eta)}</b>
            </span>
          </span>
        </>
      ) : (
        <span class="quiet">{say.unknown}</span>
      )}
    </a>
  );
}
