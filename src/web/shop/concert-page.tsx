import { useEffect, useState } from 'preact/hooks';
import { call } from '../base/api.ts';
import { Checkout } from './checkout.tsx';
import { Choosing } from './choosing.tsx';
import type { ConcertDetail, Reservation, ShopData } from './documents.ts';
import { PerformancePicker } from './performance-picker.tsx';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';
import { SlotBar } from './slot-bar.tsx';
import { useHold } from './use-hold.ts';
import { useLoaded } from './use-loaded.ts';
import { usePlace } from './use-place.ts';

const REFRESH_MS = 10_000;

/** One concert: dates, seats, and, once seats are held, the way to pay for them. */
export function ConcertPage({ concertId, data }: { concertId: number; data: ShopData }) {
  const read = () => call<ConcertDetail>(`/concerts/${concertId}`);
  const { value: concert, problem } = useLoaded(read, concertId, REFRESH_MS);
  const place = usePlace(concert?.roomId);
  const [held, setHeld] = useHold(concert?.roomId);
  const [optionId, setOptionId] = useState(fromAddress());
  const [over, setOver] = useState(false);

  useEffect(() => {
    if (concert) document.title = `${concert.concertName} · ${say.brand}`;
  }, [concert?.concertName]);
  useEffect(() => {
    if (optionId === undefined && concert?.performances.length === 1) {
      setOptionId(concert.performances[0]?.optionId);
    }
  }, [concert]);

  if (!concert) {
    return problem ? <RefusalNotice problem={problem} /> : <p class="quiet">{say.loading}</p>;
  }
  const choose = (option: number): void => {
    setOptionId(option);
    history.replaceState(null, '', `?date=${option}`);
  };
  const take = (reservation: Reservation | undefined, ranOut = false): void => {
    setOver(ranOut);
    setHeld(reservation);
  };
  const option = concert.performances.find((one) => one.optionId === optionId);
  return (
    <>
      <SlotBar place={place} roomId={concert.roomId} holds={held !== undefined} />
      <header class="concert-head">
        <p class="quiet" dir="auto">
          {concert.artist}
        </p>
        <h1 dir="auto">{concert.concertName}</h1>
      </header>
      {over && (
        <div class="notice warn" role="alert">
          <p class="strong">{say.holdOver}</p>
          <p>{say.holdOverText}</p>
        </div>
      )}
      {held && (
        <Checkout held={held} roomId={concert.roomId} onEnd={(ranOut) => take(undefined, ranOut)} />
      )}
      <PerformancePicker
        performances={concert.performances}
        chosen={option?.optionId}
        onChoose={choose}
      />
      {option && (
        <Choosing
          key={option.optionId}
          concert={concert}
          option={option}
          place={place}
          held={held}
          seatsMax={data.seatsPerReservationMax}
          onHeld={(reservation) => take(reservation)}
        />
      )}
    </>
  );
}

/** The date stands in the address, so that a reload shows the same seats. */
function fromAddress(): number | undefined {
  return Number(new URLSearchParams(location.search).get('date')) || undefined;
}
