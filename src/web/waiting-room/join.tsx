import { useSecondsLeft } from '../base/use-seconds-left.ts';
import type { Room } from './documents.ts';
import type { LineOfRoom, LineState } from './line.ts';
import { say } from './sentences.ts';

/** The way into the line: by the customer number, or from the shop's own page. */
export function Join({ state, room, line }: { state: LineState; room: Room; line: LineOfRoom }) {
  const { refusal, retrySeconds } = state;
  if (room.customerAuth === 'jwt') {
    return (
      <div class="stack">
        <h2>{say.fromShop}</h2>
        <p>{say.fromShopText}</p>
      </div>
    );
  }
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    void line.join(Number(new FormData(event.currentTarget).get('customerId')));
  };
  return (
    <form class="stack" onSubmit={submit}>
      <h2>{say.joinTitle}</h2>
      <p>{say.joinText}</p>
      {refusal && (
        <div class="notice bad" role="alert">
          <p>{refusal.message || say.offline}</p>
          {retrySeconds !== undefined && <Retry seconds={retrySeconds} told={refusal} />}
        </div>
      )}
      <label class="field">
        {say.customer}
        <input
          name="customerId"
          inputMode="numeric"
          pattern="[1-9][0-9]*"
          maxLength={16}
          title={say.customerHint}
          autocomplete="off"
          required
        />
      </label>
      <p class="quiet small">{say.customerHint}</p>
      <button class="button big" type="submit">
        {say.join}
      </button>
      {room.closesAt && <p class="quiet small">{say.closes(room.closesAt)}</p>}
    </form>
  );
}

function Retry({ seconds, told }: { seconds: number; told: unknown }) {
  return <p>{say.fullRetry(useSecondsLeft(seconds, told))}</p>;
}
