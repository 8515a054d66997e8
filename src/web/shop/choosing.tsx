import { useEffect, useState } from 'preact/hooks';
import { type Problem, ProblemError } from '../base/api.ts';
import { customerOf } from './customer.ts';
import type { ConcertDetail, Performance, Place, Reservation } from './documents.ts';
import { HoldBar } from './hold-bar.tsx';
import { hold } from './orders.ts';
import { SeatMap } from './seat-map.tsx';
import { say } from './sentences.ts';
import { useSeats } from './use-seats.ts';

/** The seats of one performance and what was chosen among them. */
export function Choosing(props: {
  concert: ConcertDetail;
  option: Performance;
  place: Place | 'none' | undefined;
  held: Reservation | undefined;
  seatsMax: number;
  onHeld: (reservation: Reservation) => void;
}) {
  const { concert, option, held, seatsMax } = props;
  const { concertId, roomId } = concert;
  const { optionId } = option;
  const { seats, stale, refresh } = useSeats(concertId, optionId);
  const [chosen, setChosen] = useState<number[]>([]);
  const [lost, setLost] = useState<number[]>([]);
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const mine = (held?.tickets ?? [])
    .filter((ticket) => ticket.optionId === optionId)
    .map((ticket) => ticket.seatId);

  /** Seats that somebody else has are chosen no more; the others stay. */
  function lose(seatIds: number[]): void {
    if (seatIds.length === 0) return;
    setChosen((before) => before.filter((seatId) => !seatIds.includes(seatId)));
    setLost(seatIds);
  }

  useEffect(() => {
    if (busy) return;
    const free = new Set(
      seats?.filter((one) => one.status === 'AVAILABLE').map((one) => one.seatId),
    );
    if (seats) lose(chosen.filter((seatId) => !free.has(seatId)));
  }, [seats, busy]);

  function toggle(seatId: number): void {
    setLost([]);
    setProblem(undefined);
    if (chosen.includes(seatId)) setChosen(chosen.filter((one) => one !== seatId));
    else if (chosen.length < seatsMax) setChosen([...chosen, seatId].sort((a, b) => a - b));
  }

  async function holdThem(reserverName: string): Promise<void> {
    const customer = customerOf(roomId);
    if (!customer) return;
    setBusy(true);
    setProblem(undefined);
    setLost([]);
    try {
      props.onHeld(await hold(customer, { concertId, optionId, seatIds: chosen, reserverName }));
      setChosen([]);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.problem.code === 'ALREADY_TAKEN') lose(takenOf(error.problem, optionId));
      else setProblem(error.problem);
    }
    await refresh().catch(() => undefined);
    setBusy(false);
  }

  return (
    <section class="stack">
      <h2>{say.seats}</h2>
      {stale && (
        <p class="notice warn" role="status">
          {say.stale}
        </p>
      )}
      {seats ? (
        <SeatMap seats={seats} chosen={chosen} mine={mine} onToggle={toggle} />
      ) : (
        <p class="quiet">{say.loading}</p>
      )}
      <p class="quiet small">
        {say.seatMapHint} {say.most(seatsMax)}
      </p>
      <HoldBar
        {...{ roomId, price: option.price, chosen, lost, problem, busy, held }}
        active={
          props.place !== undefined && props.place !== 'none' && props.place.status === 'ACTIVE'
        }
        onHold={(name) => void holdThem(name)}
        onToppedUp={() => setProblem(undefined)}
      />
    </section>
  );
}

/** The seats that an ALREADY_TAKEN names. */
function takenOf(problem: Problem, optionId: number): number[] {
  const { seats } = problem;
  if (!Array.isArray(seats)) return [];
  return seats.filter((one) => one.optionId === optionId).map((one) => one.seatId);
}
