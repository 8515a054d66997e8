import { formatNumber, inLanguage } from '../base/language.ts';
import { ConcertForm } from './concert-form.tsx';
import type { Concert, Items, Performance } from './data.ts';
import { formatTime } from './format.ts';
import { PerformanceForm } from './performance-form.tsx';
import { hrefTo } from './route.ts';
import { Trouble } from './trouble.tsx';
import { useRead } from './use-read.ts';

const say = inLanguage({
  ko: {
    all: '모든 공연',
    performances: '회차',
    none: '회차가 없습니다.',
    seats: (n: string) => `${n}석`,
    won: (n: string) => `${n}원`,
    cancelled: '취소됨',
    room: '대기실',
  },
  en: {
    all: 'All concerts',
    performances: 'Performances',
    none: 'No performances yet.',
    seats: (n: string) => `${n} seats`,
    won: (n: string) => `${n} won`,
    cancelled: 'cancelled',
    room: 'Room',
  },
});

export function ConcertView({ concertId }: { concertId: number }) {
  const concert = useConcert(concertId);
  const options = useRead<Items<Performance>>(`/admin/concerts/${concertId}/options`);
  return (
    <>
      <p class="crumbs">
        <a href={hrefTo('concerts')}>{say.all}</a>
      </p>
      <Trouble problem={concert.problem ?? options.problem} />
      {concert.value && (
        <>
          <h1 dir="auto">{concert.value.concertName}</h1>
          <p>
            <span dir="auto">{concert.value.artist}</span> · {say.room}{' '}
            <a href={hrefTo('rooms', concert.value.roomId)}>{concert.value.roomId}</a>
          </p>
        </>
      )}
      <h2>{say.performances}</h2>
      {options.value?.items.length === 0 && <p class="quiet">{say.none}</p>}
      <ul class="cards">
        {options.value?.items.map((option) => (
          <li key={option.optionId}>
            <a class="card room-card" href={hrefTo('concerts', concertId, option.optionId)}>
              <span class="room-name">
                <strong dir="auto">{option.optionName}</strong>
                {option.cancelledAt && <span class="badge bad">{say.cancelled}</span>}
              </span>
              <span>{formatTime(option.performAt)}</span>
              <span class="quiet">
                {say.won(formatNumber(option.price))} ·{' '}
                {say.seats(formatNumber(option.capacityLimit))}
              </span>
            </a>
          </li>
        ))}
      </ul>
      <PerformanceForm concertId={concertId} onSaved={options.reload} />
      {concert.value && (
        <ConcertForm key={concertId} concert={concert.value} onSaved={concert.reload} />
      )}
    </>
  );
}

/** The list is by id, so one concert is the first after the id before it. */
function useConcert(concertId: number) {
  const { value, ...rest } = useRead<Items<Concert>>(`/admin/concerts?cursor=${concertId - 1}`);
  const [first] = value?.items ?? [];
  return { ...rest, value: first?.concertId === concertId ? first : undefined };
}
