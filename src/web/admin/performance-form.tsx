import { inLanguage } from '../base/language.ts';
import type { Performance } from './data.ts';
import { fromLocalInput, toLocalInput } from './format.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';

const say = inLanguage({
  ko: {
    create: '새 회차',
    change: '회차 고치기',
    name: '회차 이름',
    at: '공연 시각',
    price: '가격(원)',
    seats: '좌석 수',
    refund: '환불 기한',
    save: '저장',
    saved: '회차를 저장했습니다.',
  },
  en: {
    create: 'New performance',
    change: 'Change the performance',
    name: 'Name',
    at: 'When',
    price: 'Price (won)',
    seats: 'Seats',
    refund: 'Refunds until',
    save: 'Save',
    saved: 'The performance was saved.',
  },
});

/** Creates a performance, or changes the given one. */
export function PerformanceForm({
  concertId,
  performance,
  onSaved,
}: {
  concertId: number;
  performance?: Performance;
  onSaved: () => void;
}) {
  const { ask, tell } = useSignedIn();
  const { busy, problem, act } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name));
    void act(async () => {
      const all = `/admin/concerts/${concertId}/options`;
      const body = {
        optionName: text('optionName'),
        performAt: fromLocalInput(text('performAt')),
        price: Number(text('price')),
        capacityLimit: Number(text('capacityLimit')),
        refundUntil: fromLocalInput(text('refundUntil')),
      };
      await ask(performance ? `${all}/${performance.optionId}` : all, {
        method: performance ? 'PATCH' : 'POST',
        body,
      });
      tell(say.saved);
      if (!performance) form.reset();
      onSaved();
    });
  };
  return (
    <details class="card">
      <summary>{performance ? say.change : say.create}</summary>
      <form class="form-line" onSubmit={submit}>
        <label class="field">
          {say.name}
          <input
            name="optionName"
            required
            maxLength={200}
            defaultValue={performance?.optionName}
            dir="auto"
          />
        </label>
        <label class="field">
          {say.at}
          <input
            name="performAt"
            type="datetime-local"
            step={1}
            required
            defaultValue={toLocalInput(performance?.performAt ?? null)}
          />
        </label>
        <label class="field">
          {say.price}
          <input
            name="price"
            type="number"
            min={0}
            required
            defaultValue={performance?.price ?? 50_000}
          />
        </label>
        <label class="field">
          {say.seats}
          <input
            name="capacityLimit"
            type="number"
            min={1}
            max={100_000}
            required
            defaultValue={performance?.capacityLimit ?? 50}
          />
        </label>
        <label class="field">
          {say.refund}
          <input
            name="refundUntil"
            type="datetime-local"
            step={1}
            defaultValue={toLocalInput(performance?.refundUntil ?? null)}
          />
        </label>
        <button class="button" type="submit" disabled={busy}>
          {say.save}
        </button>
      </form>
      <Trouble problem={problem} />
    </details>
  );
}
