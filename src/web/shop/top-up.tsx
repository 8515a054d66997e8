import { useRef, useState } from 'preact/hooks';
import { newIdempotencyKey, type Problem, ProblemError } from '../base/api.ts';
import type { KeptCustomer } from '../base/kept-customer.ts';
import { topUp } from './orders.ts';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';

const CHARGE_MIN = 10;
const CHARGE_MAX = 100_000_000;

/** Adds points. @param props.amount what is missing, won: the amount proposed */
export function TopUp(props: {
  customer: KeptCustomer;
  amount: number;
  onDone: (balance: number) => void;
}) {
  const { customer, onDone } = props;
  const [amount, setAmount] = useState(String(Math.max(CHARGE_MIN, props.amount || 0)));
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  // One key for one top-up, however often it is sent.
  const key = useRef(newIdempotencyKey());
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const { balance } = await topUp(customer, Number(amount), key.current);
      key.current = newIdempotencyKey();
      setProblem(undefined);
      onDone(balance);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      // A try without an answer may have been carried out, and is sent again as the same one.
      if (error.problem.status >= 400 && error.problem.status < 500) {
        key.current = newIdempotencyKey();
      }
      setProblem(error.problem);
    }
    setBusy(false);
  };
  return (
    <form class="top-up" onSubmit={(event) => void submit(event)}>
      {problem && <RefusalNotice problem={problem} />}
      <label class="field">
        {say.topUpAmount}
        <input
          type="number"
          inputMode="numeric"
          min={CHARGE_MIN}
          max={CHARGE_MAX}
          step={1}
          required
          value={amount}
          onInput={(event) => setAmount(event.currentTarget.value)}
        />
      </label>
      <button class="button" type="submit" disabled={busy}>
        {say.topUp}
      </button>
    </form>
  );
}
