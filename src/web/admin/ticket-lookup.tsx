import { useCallback, useEffect, useState } from 'preact/hooks';
import { inLanguage } from '../base/language.ts';
import type { Ticket } from './data.ts';
import { formatTime } from './format.ts';
import { hrefTo } from './route.ts';
import { useSignedIn } from './session.ts';
import { inWords } from './status-words.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';

const say = inLanguage({
  ko: {
    id: '티켓 번호',
    check: '확인',
    good: '유효한 티켓',
    bad: '유효하지 않은 티켓',
    seat: (n: number) => `${n}번 좌석`,
    owner: '고객',
  },
  en: {
    id: 'Ticket number',
    check: 'Check',
    good: 'This ticket is good',
    bad: 'This ticket is not good',
    seat: (n: number) => `seat ${n}`,
    owner: 'Customer',
  },
});

type Judged = Ticket & { live: boolean; customerId: number };

/** Is this ticket good: asked at the door. @param ticketId asked for at once */
export function TicketLookup({ ticketId }: { ticketId?: string | undefined }) {
  const { ask } = useSignedIn();
  const { busy, problem, act } = useAct();
  const [ticket, setTicket] = useState<Judged>();
  const judge = useCallback(
    (id: string) => {
      setTicket(undefined);
      void act(async () =>
        setTicket(await ask<Judged>(`/admin/tickets/${encodeURIComponent(id)}`)),
      );
    },
    [ask, act],
  );
  useEffect(() => {
    if (ticketId) judge(ticketId);
  }, [ticketId, judge]);
  const check = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    judge(String(new FormData(event.currentTarget).get('ticketId')).trim());
  };
  const good = ticket?.live && ticket.status === 'CONFIRMED';
  return (
    <form class="card search" onSubmit={check}>
      <label class="field">
        {say.id}
        <input
          name="ticketId"
          inputMode="numeric"
          pattern="[1-9][0-9]{0,15}"
          required
          defaultValue={ticketId ?? ''}
        />
      </label>
      <button class="button" type="submit" disabled={busy}>
        {say.check}
      </button>
      <Trouble problem={problem} />
      {ticket && (
        <div class={`notice ${good ? 'good' : 'bad'}`} role="status">
          <p>
            <b>{good ? say.good : say.bad}</b> ({inWords(ticket.status)})
          </p>
          <p dir="auto">
            {ticket.concertName} · {ticket.optionName} · {formatTime(ticket.performAt)} ·{' '}
            {say.seat(ticket.seatId)} · {ticket.reserverName}
          </p>
          <a href={hrefTo('customers', ticket.customerId)}>
            {say.owner} {ticket.customerId}
          </a>
        </div>
      )}
    </form>
  );
}
