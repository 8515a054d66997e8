import { useState } from 'preact/hooks';
import { inLanguage } from '../base/language.ts';
import { ConcertForm } from './concert-form.tsx';
import type { Concert, Items } from './data.ts';
import { formatTime } from './format.ts';
import { hrefTo } from './route.ts';
import { Trouble } from './trouble.tsx';
import { useRead } from './use-read.ts';

const say = inLanguage({
  ko: {
    title: '공연',
    none: '공연이 없습니다.',
    sale: '판매',
    room: '대기실',
    more: '다음',
    first: '처음부터',
  },
  en: {
    title: 'Concerts',
    none: 'No concerts yet.',
    sale: 'On sale',
    room: 'Room',
    more: 'Next',
    first: 'From the start',
  },
});

export function ConcertsView() {
  const [cursor, setCursor] = useState<number>();
  const path = `/admin/concerts${cursor ? `?cursor=${cursor}` : ''}`;
  const { value, problem } = useRead<Items<Concert>>(path);
  return (
    <>
      <h1>{say.title}</h1>
      <Trouble problem={problem} />
      {value?.items.length === 0 && <p class="quiet">{say.none}</p>}
      <ul class="cards">
        {value?.items.map((concert) => (
          <li key={concert.concertId}>
            <a class="card room-card" href={hrefTo('concerts', concert.concertId)}>
              <strong dir="auto">{concert.concertName}</strong>
              <span dir="auto">{concert.artist}</span>
              <span class="quiet small">
                {say.sale} {formatTime(concert.saleBeginAt)} – {formatTime(concert.saleEndAt)}
              </span>
              <span class="quiet small">
                {say.room} {concert.roomId}
              </span>
            </a>
          </li>
        ))}
      </ul>
      <div class="buttons start">
        {cursor && (
          <button class="button plain" type="button" onClick={() => setCursor(undefined)}>
            {say.first}
          </button>
        )}
        {value?.next && (
          <button
            class="button plain"
            type="button"
            onClick={() => setCursor(value.next ?? undefined)}
          >
            {say.more}
          </button>
        )}
      </div>
      <ConcertForm
        onSaved={(concert) => {
          location.hash = hrefTo('concerts', concert.concertId);
        }}
      />
    </>
  );
}
