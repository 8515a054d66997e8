import { useState } from 'preact/hooks';
import { type Problem, ProblemError } from '../base/api.ts';
import type { KeptCustomer } from '../base/kept-customer.ts';
import { identify } from './customer.ts';
import type { ShopData } from './documents.ts';
import { RefusalNotice } from './refusal-notice.tsx';
import { say } from './sentences.ts';

/** Who it is: asked in open mode; otherwise the shop's own page knows. */
export function SignIn({ data, onDone }: { data: ShopData; onDone: (who: KeptCustomer) => void }) {
  const [problem, setProblem] = useState<Problem>();
  if (data.customerAuth === 'jwt') return <p>{say.fromShop}</p>;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const customerId = Number(new FormData(event.currentTarget).get('customerId'));
    try {
      onDone(await identify(customerId));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setProblem(error.problem);
    }
  };
  return (
    <form class="card stack sign-in" onSubmit={(event) => void submit(event)}>
      <h2>{say.signInTitle}</h2>
      <p class="quiet">{say.signInText}</p>
      {problem && <RefusalNotice problem={problem} />}
      <label class="field">
        {say.customerNumber}
        <input
          name="customerId"
          inputMode="numeric"
          pattern="[1-9][0-9]*"
          maxLength={16}
          autocomplete="off"
          required
        />
      </label>
      <button class="button big" type="submit">
        {say.signIn}
      </button>
    </form>
  );
}
