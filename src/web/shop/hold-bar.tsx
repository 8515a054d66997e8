import { useState } from 'preact/hooks';
import type { Problem } from '../base/api.ts';
import { createStored } from '../base/stored.ts';
import { customerOf } from './customer.ts';
import type { Reservation } from './documents.ts';
import { formatMoney } from './formats.ts';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';
import { TopUp } from './top-up.tsx';

const NAME_CHARS_MAX = 100;
const keptName = createStored<string>('foyer.name');

/** What is chosen, what it costs, and the one tap that holds it. */
export function HoldBar(props: {
  roomId: string;
  price: number;
  chosen: number[];
  lost: number[];
  problem: Problem | undefined;
  busy: boolean;
  held: Reservation | undefined;
  /** The person has a slot. */
  active: boolean;
  onHold: (reserverName: string) => void;
  onToppedUp: () => void;
}) {
  const { roomId, price, chosen, lost, problem, busy, held, active } = props;
  const customer = customerOf(roomId);
  const [name, setName] = useState(keptName.read() ?? '');
  const missing = Number(problem?.['total']) - Number(problem?.['balance']);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    keptName.write(name);
    props.onHold(name.trim() || (customer ? say.customer(customer.customerId) : '?'));
  };
  if (held) return null;
  return (
    <div class="contents">
      {problem && <RefusalNotice problem={problem} roomId={roomId} />}
      {problem?.code === 'OUT_OF_BUDGET' && customer && (
        <div class="card">
          <TopUp customer={customer} amount={missing} onDone={props.onToppedUp} />
        </div>
      )}
      <form class="contents" onSubmit={submit}>
        {active && (
          <label class="field small">
            {say.name}
            <input
              value={name}
              maxLength={NAME_CHARS_MAX}
              placeholder={customer ? say.customer(customer.customerId) : ''}
              autocomplete="name"
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </label>
        )}
        <div class={chosen.length + lost.length > 0 ? 'card hold-bar sticks' : 'card hold-bar'}>
          <Lost lost={lost} others={chosen.length > 0} />
          <Chosen chosen={chosen} price={price} />
          {active ? (
            <button class="button big" type="submit" disabled={busy || chosen.length === 0}>
              {busy ? say.holding : say.hold(chosen.length)}
            </button>
          ) : (
            <a class="button big" href={`/rooms/${roomId}`}>
              {say.toRoom}
            </a>
          )}
        </div>
      </form>
    </div>
  );
}

function Chosen({ chosen, price }: { chosen: number[]; price: number }) {
  return (
    <p class="chosen-seats" aria-live="polite">
      {chosen.length > 0 ? (
        <>
          <strong>{say.seatList(chosen)}</strong>
          <span>{formatMoney(price * chosen.length)}</span>
        </>
      ) : (
        <span class="quiet">{say.chooseFirst}</span>
      )}
    </p>
  );
}

function Lost({ lost, others }: { lost: number[]; others: boolean }) {
  if (lost.length === 0) return null;
  return (
    <p class="notice warn" role="alert">
      {say.lost(lost)} {others && say.kept}
    </p>
  );
}
