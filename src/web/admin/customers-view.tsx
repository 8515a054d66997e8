import { inLanguage } from '../base/language.ts';
import { CustomerDetail } from './customer-detail.tsx';
import { hrefTo } from './route.ts';
import { TicketLookup } from './ticket-lookup.tsx';

const say = inLanguage({
  ko: { title: '고객', id: '고객 번호', find: '찾기' },
  en: { title: 'Customers', id: 'Customer number', find: 'Find' },
});

/** Customers and tickets by their numbers; a scanned ticket is checked at once. */
export function CustomersView({
  customerId,
  ticketId,
}: {
  customerId?: string | undefined;
  ticketId?: string | undefined;
}) {
  const find = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const id = String(new FormData(event.currentTarget).get('customerId')).trim();
    location.hash = hrefTo('customers', id);
  };
  return (
    <>
      <h1>{say.title}</h1>
      <div class="two">
        <form class="card search" onSubmit={find}>
          <label class="field">
            {say.id}
            <input
              name="customerId"
              inputMode="numeric"
              pattern="[1-9][0-9]{0,15}"
              required
              defaultValue={customerId ?? ''}
            />
          </label>
          <button class="button" type="submit">
            {say.find}
          </button>
        </form>
        <TicketLookup ticketId={ticketId} />
      </div>
      {customerId && <CustomerDetail customerId={customerId} key={customerId} />}
    </>
  );
}
