import { useState } from 'preact/hooks';
import { inLanguage } from '../base/language.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';
import { useRead } from './use-read.ts';

const SEATS_MS = 2_000;

const say = inLanguage({
  ko: {
    title: '좌석',
    hint: '좌석을 골라 판매에서 빼거나 되돌립니다.',
    block: (n: number) => (n > 0 ? `${n}석 판매 중지` : '판매 중지'),
    unblock: (n: number) => (n > 0 ? `${n}석 판매 재개` : '판매 재개'),
    blocked: '판매를 중지했습니다.',
    unblocked: '판매를 재개했습니다.',
    seat: (n: number, status: string) => `좌석 ${n}, ${status}`,
    AVAILABLE: '판매 중',
    HELD: '선점',
    SOLD: '판매됨',
    BLOCKED: '판매 중지',
  },
  en: {
    title: 'Seats',
    hint: 'Choose seats to take them out of sale, or to give them back.',
    block: (n: number) => (n > 0 ? `Block ${n}` : 'Block'),
    unblock: (n: number) => (n > 0 ? `Unblock ${n}` : 'Unblock'),
    blocked: 'The seats are blocked.',
    unblocked: 'The seats are on sale again.',
    seat: (n: number, status: string) => `Seat ${n}, ${status}`,
    AVAILABLE: 'available',
    HELD: 'held',
    SOLD: 'sold',
    BLOCKED: 'blocked',
  },
});

const STATUSES = ['AVAILABLE', 'HELD', 'SOLD', 'BLOCKED'] as const;
type SeatStatus = (typeof STATUSES)[number];
interface SeatMap {
  seats: { seatId: number; status: SeatStatus }[];
}

/** Every seat, live; free ones can be blocked, blocked ones given back. */
export function SeatGrid({ concertId, optionId }: { concertId: number; optionId: number }) {
  const { ask, tell } = useSignedIn();
  const { busy, problem, act } = useAct();
  const path = `/concerts/${concertId}/options/${optionId}/seats`;
  const { value, problem: unread, reload } = useRead<SeatMap>(path, SEATS_MS);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const seats = value?.seats ?? [];
  const among = (status: SeatStatus) =>
    seats.filter((seat) => seat.status === status && chosen.has(seat.seatId)).map((s) => s.seatId);
  const free = among('AVAILABLE');
  const blocked = among('BLOCKED');
  const change = (method: 'POST' | 'DELETE', numbers: number[]) =>
    act(async () => {
      const body = { seats: numbers };
      await ask(`/admin/concerts/${concertId}/options/${optionId}/blocks`, { method, body });
      setChosen(new Set());
      tell(method === 'POST' ? say.blocked : say.unblocked);
      reload();
    });
  return (
    <section class="card stack">
      <h2>{say.title}</h2>
      <p class="quiet">{say.hint}</p>
      <p class="legend">
        {STATUSES.map((status) => (
          <span key={status}>
            <i class={`seat-key ${status.toLowerCase()}`} /> {say[status]}{' '}
            <b>{seats.filter((seat) => seat.status === status).length}</b>
          </span>
        ))}
      </p>
      <Trouble problem={unread ?? problem} />
      <div class="seats">
        {seats.map(({ seatId, status }) => (
          <button
            key={seatId}
            type="button"
            class={`seat ${status.toLowerCase()}`}
            disabled={status === 'HELD' || status === 'SOLD'}
            aria-pressed={chosen.has(seatId)}
            aria-label={say.seat(seatId, say[status])}
            onClick={() => setChosen((last) => toggled(last, seatId))}
          >
            {seatId}
          </button>
        ))}
      </div>
      <div class="buttons">
        <button
          class="button plain"
          type="button"
          disabled={busy || blocked.length === 0}
          onClick={() => void change('DELETE', blocked)}
        >
          {say.unblock(blocked.length)}
        </button>
        <button
          class="button"
          type="button"
          disabled={busy || free.length === 0}
          onClick={() => void change('POST', free)}
        >
          {say.block(free.length)}
        </button>
      </div>
    </section>
  );
}

function toggled(chosen: ReadonlySet<number>, seatId: number): ReadonlySet<number> {
  const next = new Set(chosen);
  if (!next.delete(seatId)) next.add(seatId);
  return next;
}
