import { useState } from 'preact/hooks';
import { type Problem, ProblemError } from '../base/api.ts';
import type { KeptCustomer } from '../base/kept-customer.ts';
import type { Reservation, Ticket } from './documents.ts';
import { formatDay, formatMoney } from './formats.ts';
import { refund } from './orders.ts';
import { QrCode } from './qr-code.tsx';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';

/** One booking: its tickets with their codes, and its refund. */
export function TicketGroup(props: {
  customer: KeptCustomer;
  booked: Reservation;
  onRefunded: () => void;
}) {
  const { customer, booked, onRefunded } = props;
  const [first] = booked.tickets;
  return (
    <section class="card tickets">
      <header>
        <h2 dir="auto">{first?.concertName}</h2>
        <p>{first && formatDay(first.performAt)}</p>
        <p class="quiet" dir="auto">
          {first?.optionName}
        </p>
      </header>
      <ul class="codes">
        {booked.tickets.map((ticket) => (
          <TicketCard key={ticket.ticketId} ticket={ticket} />
        ))}
      </ul>
      <Refund customer={customer} booked={booked} onDone={onRefunded} />
    </section>
  );
}

/** The code opens the control room's check of this ticket; whoever scans must be signed in there. */
function TicketCard({ ticket }: { ticket: Ticket }) {
  const { ticketId, seatId } = ticket;
  return (
    <li class="ticket">
      <QrCode text={`${location.origin}/admin/tickets/${ticketId}`} label={say.code(seatId)} />
      <p class="strong">{say.seat(seatId)}</p>
      <p class="quiet small" dir="auto">
        {ticket.reserverName}
      </p>
      <p class="quiet small">{say.ticketNumber(ticketId)}</p>
    </li>
  );
}

function Refund(props: { customer: KeptCustomer; booked: Reservation; onDone: () => void }) {
  const { customer, booked, onDone } = props;
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const act = async (): Promise<void> => {
    try {
      await refund(customer, booked);
      onDone();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setProblem(error.problem);
      setAsked(false);
    }
  };
  if (problem?.['refundUntil']) return <p class="notice warn">{say.refundOver}</p>;
  return (
    <div class="refund">
      {problem && <RefusalNotice problem={problem} onRetry={() => void act()} />}
      {asked ? (
        <div class="notice" role="alert">
          <p>{say.refundSure(booked.total)}</p>
          <p class="row">
            <button class="button plain" type="button" onClick={() => void act()}>
              {say.refundYes}
            </button>
            <button class="button" type="button" onClick={() => setAsked(false)}>
              {say.no}
            </button>
          </p>
        </div>
      ) : (
        <p class="wallet-line">
          <span>
            {say.total} <strong>{formatMoney(booked.total)}</strong>
          </span>
          <button class="quiet-button" type="button" onClick={() => setAsked(true)}>
            {say.refund}
          </button>
        </p>
      )}
    </div>
  );
}
