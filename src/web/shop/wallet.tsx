import { useState } from 'preact/hooks';
import type { KeptCustomer } from '../base/kept-customer.ts';
import { formatMoney } from './formats.ts';
import { readBalance } from './orders.ts';
import { say } from './sentences.ts';
import { TopUp } from './top-up.tsx';
import { useLoaded } from './use-loaded.ts';

const PROPOSED_WON = 100_000;

/** Who it is, how many points there are, and more of them. @param props.told changes when points may have */
export function Wallet(props: { customer: KeptCustomer; told: number; onLeave: () => void }) {
  const { customer, told, onLeave } = props;
  const { value } = useLoaded(() => readBalance(customer), told);
  const [charged, setCharged] = useState<{ told: number; balance: number }>();
  const [open, setOpen] = useState(false);
  const balance = charged?.told === told ? charged.balance : value?.balance;
  return (
    <section class="card wallet">
      <div class="wallet-line">
        <p>
          <span class="quiet">{say.customer(customer.customerId)}</span>
          <br />
          {say.points} <strong>{balance === undefined ? '…' : formatMoney(balance)}</strong>
        </p>
        <button
          class="button plain"
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {say.topUp}
        </button>
      </div>
      {open && (
        <TopUp
          customer={customer}
          amount={PROPOSED_WON}
          onDone={(now) => {
            setCharged({ told, balance: now });
            setOpen(false);
          }}
        />
      )}
      {charged && (
        <p class="notice good" role="status">
          {say.toppedUp(charged.balance)}
        </p>
      )}
      <button class="quiet-button" type="button" onClick={onLeave}>
        {say.signOut}
      </button>
    </section>
  );
}
