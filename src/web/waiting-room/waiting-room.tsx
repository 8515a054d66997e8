import { useState } from 'preact/hooks';
import { call, ProblemError } from '../base/api.ts';
import { formatNumber, inLanguage } from '../base/language.ts';
import { pageData } from '../base/page-data.ts';
import { createStored } from '../base/stored.ts';

interface Place {
  token: string;
  waitingNumber: number;
}

const say = inLanguage({
  ko: { customer: '고객 번호', join: '줄 서기' },
  en: { customer: 'Customer number', join: 'Join the line' },
});

export function WaitingRoom() {
  const { roomId, title } = pageData<{ roomId: string; title: string }>();
  const stored = createStored<Place>(`foyer.room.${roomId}`);
  const [place, setPlace] = useState(stored.read());
  const [problem, setProblem] = useState('');
  const join = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const customerId = Number(new FormData(event.currentTarget).get('customerId'));
    try {
      const body = { customerId, roomId };
      const entered = await call<Place>('/customer/waiting/enter', { method: 'POST', body });
      stored.write(entered);
      setPlace(entered);
    } catch (error) {
      setProblem(error instanceof ProblemError ? error.problem.message : String(error));
    }
  };
  return (
    <main class="card">
      <h1>{title}</h1>
      {place ? (
        <p>{formatNumber(place.waitingNumber)}</p>
      ) : (
        <form onSubmit={join}>
          <label class="field">
            {say.customer}
            <input name="customerId" inputMode="numeric" required />
          </label>
          <button class="button" type="submit">
            {say.join}
          </button>
        </form>
      )}
      <p role="alert">{problem}</p>
    </main>
  );
}
