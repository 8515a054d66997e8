import { useState } from 'preact/hooks';
import { type KeptCustomer, keptCustomer } from '../base/kept-customer.ts';
import { Checkout } from './checkout.tsx';
import { customerOf } from './customer.ts';
import type { ShopData } from './documents.ts';
import { readReservations } from './orders.ts';
import { PastBookings } from './past-bookings.tsx';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';
import { SignIn } from './sign-in.tsx';
import { TicketGroup } from './ticket-group.tsx';
import { useLoaded } from './use-loaded.ts';
import { Wallet } from './wallet.tsx';

/** The customer's own: points, a hold to pay for, tickets, and what was. */
export function TicketsPage({ data }: { data: ShopData }) {
  const [customer, setCustomer] = useState(customerOf());
  const leave = (): void => {
    keptCustomer.clear();
    setCustomer(undefined);
  };
  return (
    <>
      <h1>{say.tickets}</h1>
      {customer ? (
        <Bookings key={customer.customerId} customer={customer} onLeave={leave} />
      ) : (
        <SignIn data={data} onDone={setCustomer} />
      )}
    </>
  );
}

function Bookings({ customer, onLeave }: { customer: KeptCustomer; onLeave: () => void }) {
  const [told, setTold] = useState(0);
  const { value, problem } = useLoaded(() => readReservations(customer), told);
  const again = (): void => setTold(told + 1);
  const [, justPaid] = location.hash.split('#paid-');
  const held = value?.find((one) => one.status === 'HELD');
  const booked = value?.filter((one) => one.status === 'CONFIRMED') ?? [];
  const past = value?.filter((one) => !['HELD', 'CONFIRMED'].includes(one.status)) ?? [];
  return (
    <>
      <Wallet customer={customer} told={told} onLeave={onLeave} />
      {problem && <RefusalNotice problem={problem} onRetry={again} />}
      {problem?.status === 401 && (
        <button class="button" type="button" onClick={onLeave}>
          {say.signIn}
        </button>
      )}
      {!value && !problem && <p class="quiet">{say.loading}</p>}
      {justPaid && booked.some((one) => String(one.reservationId) === justPaid) && (
        <div class="notice good" role="status">
          <p class="strong">{say.paidTitle}</p>
          <p>{say.paidText}</p>
        </div>
      )}
      {held && <Checkout held={held} roomId={undefined} onEnd={again} onPaid={again} />}
      {value && booked.length === 0 && !held && (
        <div class="card stack empty">
          <p>{say.noTickets}</p>
          <a class="button" href="/concerts">
            {say.seeConcerts}
          </a>
        </div>
      )}
      {booked.map((one) => (
        <TicketGroup key={one.reservationId} customer={customer} booked={one} onRefunded={again} />
      ))}
      <PastBookings past={past} />
    </>
  );
}
