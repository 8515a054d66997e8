import { useEffect, useRef, useState } from 'preact/hooks';
import { type Problem, ProblemError } from '../base/api.ts';
import { formatCountdown } from '../base/language.ts';
import { useSecondsLeft } from '../base/use-seconds-left.ts';
import { customerOf } from './customer.ts';
import type { Reservation } from './documents.ts';
import { formatDay, formatMoney } from './formats.ts';
import { cancel, pay, readBalance, readReservations } from './orders.ts';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';
import { TopUp } from './top-up.tsx';

const SOON_SECONDS = 60;

/**
 * A live hold: how long it lives, what it costs, and paying for it.
 *
 * @param props.onEnd it lives no more; true: it ran out
 * @param props.onPaid for the page that shows tickets already: read them anew
 */
export function Checkout(props: {
  held: Reservation;
  roomId: string | undefined;
  onEnd: (ranOut: boolean) => void;
  onPaid?: () => void;
}) {
  const { held, roomId, onEnd } = props;
  const customer = customerOf(roomId);
  const left = useSecondsLeft(held.remainingTime, held);
  const [balance, setBalance] = useState<number>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);

  // Whoever has just tapped far below is brought to what comes next.
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    if (!customer) return;
    readBalance(customer).then(({ balance: now }) => setBalance(now), setFrom(setProblem));
  }, [held.reservationId]);
  useEffect(() => {
    // The server's clock judges: the hold is over once it says so.
    if (left > 0 || !customer) return;
    readReservations(customer, 'HELD').then(
      (live) => live.every((one) => one.reservationId !== held.reservationId) && onEnd(true),
      setFrom(setProblem),
    );
  }, [left]);

  if (!customer) return null;
  const act = async (work: () => Promise<unknown>, done: () => void): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
      done();
    } catch (error) {
      setFrom(setProblem)(error);
      if (error instanceof ProblemError && error.problem.code === 'HOLD_EXPIRED') onEnd(true);
    }
    setBusy(false);
  };
  const paid = (): void => {
    location.assign(`/tickets#paid-${held.reservationId}`);
    props.onPaid?.();
  };
  const missing = balance === undefined ? 0 : held.total - balance;
  const [first] = held.tickets;
  return (
    <section class={left <= SOON_SECONDS ? 'card checkout soon' : 'card checkout'}>
      <h2 ref={heading} tabIndex={-1}>
        {say.checkout}
      </h2>
      <p class="quiet">{say.checkoutText}</p>
      <p class="checkout-clock">
        {say.holdLeft}
        <strong class="clock" role="timer">
          {formatCountdown(left)}
        </strong>
      </p>
      {left <= SOON_SECONDS && <p role="alert">{say.holdSoon}</p>}
      {problem && (
        <RefusalNotice problem={problem} roomId={roomId} onRetry={() => setProblem(undefined)} />
      )}
      <dl class="bill">
        <dt dir="auto">{first && `${formatDay(first.performAt)} · ${first.optionName}`}</dt>
        <dd>{say.seatList(held.tickets.map((ticket) => ticket.seatId))}</dd>
        <dt>{say.total}</dt>
        <dd class="strong">{formatMoney(held.total)}</dd>
        <dt>{say.points}</dt>
        <dd>{balance === undefined ? '…' : formatMoney(balance)}</dd>
      </dl>
      {missing > 0 && (
        <>
          <p class="notice warn">{say.short(missing)}</p>
          <TopUp customer={customer} amount={missing} onDone={setBalance} />
        </>
      )}
      <button
        class="button big"
        type="button"
        disabled={busy || missing > 0 || left === 0}
        onClick={() => void act(() => pay(customer, held), paid)}
      >
        {busy ? say.paying : say.pay(held.total)}
      </button>
      <button
        class="quiet-button"
        type="button"
        disabled={busy}
        onClick={() =>
          void act(
            () => cancel(customer, held),
            () => onEnd(false),
          )
        }
      >
        {say.giveBack}
      </button>
    </section>
  );
}

/** Keeps a refusal to show; anything else is a fault. */
function setFrom(set: (problem: Problem) => void): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof ProblemError)) throw error;
    set(error.problem);
  };
}
