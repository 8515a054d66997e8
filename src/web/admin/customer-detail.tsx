import { useState } from 'preact/hooks';
import { formatNumber, inLanguage } from '../base/language.ts';
import { Confirm } from './confirm.tsx';
import type { Customer, Place } from './data.ts';
import { formatTime } from './format.ts';
import { hrefTo } from './route.ts';
import { useSignedIn } from './session.ts';
import { inWords } from './status-words.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';
import { useRead } from './use-read.ts';

const CUSTOMER_MS = 5_000;

const say = inLanguage({
  ko: {
    customer: (id: number) => `고객 ${id}`,
    suspended: '정지됨',
    balance: '포인트',
    held: '선점 중',
    places: '지금 자리',
    noPlaces: '어느 줄에도 없습니다.',
    number: (n: string) => `${n}번째`,
    seen: '마지막 확인',
    ends: '끝나는 시각',
    remove: '줄에서 빼기',
    removeTitle: '이 고객의 자리를 없앨까요?',
    removeWhat: '되돌릴 수 없습니다. 다시 오면 맨 뒤에 섭니다.',
    removed: '자리를 없앴습니다.',
    reservations: '예약',
    noReservations: '예약이 없습니다.',
    seats: '좌석',
    history: '줄의 기록',
    noHistory: '기록이 없습니다.',
  },
  en: {
    customer: (id: number) => `Customer ${id}`,
    suspended: 'suspended',
    balance: 'Points',
    held: 'held',
    places: 'Places now',
    noPlaces: 'In no line.',
    number: (n: string) => `number ${n}`,
    seen: 'last seen',
    ends: 'ends',
    remove: 'Remove',
    removeTitle: 'End this customer’s place?',
    removeWhat: 'This cannot be undone. Coming again means standing at the end.',
    removed: 'The place was ended.',
    reservations: 'Reservations',
    noReservations: 'No reservations.',
    seats: 'seats',
    history: 'History in lines',
    noHistory: 'Nothing yet.',
  },
});

/** One customer: where they stand now, what they hold, and what happened. */
export function CustomerDetail({ customerId }: { customerId: string }) {
  const path = `/admin/customers/${encodeURIComponent(customerId)}`;
  const { value: customer, problem, reload } = useRead<Customer>(path, CUSTOMER_MS);
  if (!customer) return <Trouble problem={problem} />;
  return (
    <>
      <h2>
        {say.customer(customer.customerId)} <bdi>{customer.name}</bdi>{' '}
        {!customer.active && <span class="badge bad">{say.suspended}</span>}
      </h2>
      <p>
        {say.balance} <b>{formatNumber(customer.balance)}</b>
        {customer.heldAmount > 0 && ` (${formatNumber(customer.heldAmount)} ${say.held})`}
      </p>
      <div class="two">
        <section class="card stack">
          <h3>{say.places}</h3>
          {customer.places.length === 0 && <p class="quiet">{say.noPlaces}</p>}
          {customer.places.map((place) => (
            <PlaceLine
              key={place.roomId}
              place={place}
              customerId={customer.customerId}
              onRemoved={reload}
            />
          ))}
        </section>
        <section class="card stack">
          <h3>{say.reservations}</h3>
          {customer.reservations.length === 0 && <p class="quiet">{say.noReservations}</p>}
          {customer.reservations.map((one) => (
            <p key={one.reservationId} dir="auto">
              <span class="badge">{inWords(one.status)}</span> #{one.reservationId} ·{' '}
              {one.tickets[0]?.concertName} · {say.seats}{' '}
              {one.tickets.map((ticket) => ticket.seatId).join(', ')} · {formatNumber(one.total)}
            </p>
          ))}
        </section>
      </div>
      <section class="card stack">
        <h3>{say.history}</h3>
        {customer.history.length === 0 && <p class="quiet">{say.noHistory}</p>}
        <ul class="events">
          {customer.history.map((event) => (
            <li key={`${event.roomId}${event.seq}${event.kind}${event.at}`}>
              <span class="quiet">{formatTime(event.at)}</span>
              <span class="badge">{inWords(event.kind)}</span>
              <a href={hrefTo('rooms', event.roomId)}>{event.roomId}</a>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

function PlaceLine(props: { place: Place; customerId: number; onRemoved: () => void }) {
  const { place, customerId, onRemoved } = props;
  const { ask, tell } = useSignedIn();
  const { busy, problem, act } = useAct();
  const [asking, setAsking] = useState(false);
  const remove = () => {
    setAsking(false);
    void act(async () => {
      const path = `/admin/rooms/${encodeURIComponent(place.roomId)}/places/${customerId}`;
      await ask(path, { method: 'DELETE' });
      tell(say.removed);
      onRemoved();
    });
  };
  return (
    <div class="place">
      <a href={hrefTo('rooms', place.roomId)}>{place.roomId}</a>
      <span class="badge good">{inWords(place.status)}</span>
      {place.waitingNumber > 0 && <b>{say.number(formatNumber(place.waitingNumber))}</b>}
      <span class="quiet small">
        {say.seen} {formatTime(place.seenAt)}
        {place.slotEndsAt && ` · ${say.ends} ${formatTime(place.slotEndsAt)}`}
      </span>
      <button
        class="button plain compact"
        type="button"
        disabled={busy}
        onClick={() => setAsking(true)}
      >
        {say.remove}
      </button>
      <Trouble problem={problem} />
      {asking && (
        <Confirm
          title={say.removeTitle}
          action={say.remove}
          onConfirm={remove}
          onCancel={() => setAsking(false)}
        >
          <p>{say.removeWhat}</p>
        </Confirm>
      )}
    </div>
  );
}
