import { inLanguage } from '../base/language.ts';
import type { Concert } from './data.ts';
import { fromLocalInput, toLocalInput } from './format.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';

const say = inLanguage({
  ko: {
    create: '새 공연',
    change: '공연 고치기',
    name: '공연 이름',
    artist: '출연',
    room: '대기실 ID',
    begin: '판매 시작',
    end: '판매 끝',
    save: '저장',
    saved: '공연을 저장했습니다.',
  },
  en: {
    create: 'New concert',
    change: 'Change the concert',
    name: 'Name',
    artist: 'Artist',
    room: 'Room id',
    begin: 'Sale begins',
    end: 'Sale ends',
    save: 'Save',
    saved: 'The concert was saved.',
  },
});

/** Creates a concert, or changes the given one. */
export function ConcertForm({
  concert,
  onSaved,
}: {
  concert?: Concert;
  onSaved: (concert: Concert) => void;
}) {
  const { ask, tell } = useSignedIn();
  const { busy, problem, act } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const given = new FormData(event.currentTarget);
    const text = (name: string) => String(given.get(name));
    void act(async () => {
      const path = concert ? `/admin/concerts/${concert.concertId}` : '/admin/concerts';
      const body = {
        concertName: text('concertName'),
        artist: text('artist'),
        roomId: text('roomId'),
        saleBeginAt: fromLocalInput(text('saleBeginAt')),
        saleEndAt: fromLocalInput(text('saleEndAt')),
      };
      const saved = await ask<Concert>(path, { method: concert ? 'PATCH' : 'POST', body });
      tell(say.saved);
      onSaved(saved);
    });
  };
  return (
    <details class="card">
      <summary>{concert ? say.change : say.create}</summary>
      <form class="form-line" onSubmit={submit}>
        <label class="field">
          {say.name}
          <input
            name="concertName"
            required
            maxLength={200}
            defaultValue={concert?.concertName}
            dir="auto"
          />
        </label>
        <label class="field">
          {say.artist}
          <input name="artist" required maxLength={200} defaultValue={concert?.artist} dir="auto" />
        </label>
        <label class="field">
          {say.room}
          <input name="roomId" required defaultValue={concert?.roomId ?? 'main'} />
        </label>
        <label class="field">
          {say.begin}
          <input
            name="saleBeginAt"
            type="datetime-local"
            step={1}
            required
            defaultValue={toLocalInput(concert?.saleBeginAt ?? null)}
          />
        </label>
        <label class="field">
          {say.end}
          <input
            name="saleEndAt"
            type="datetime-local"
            step={1}
            required
            defaultValue={toLocalInput(concert?.saleEndAt ?? null)}
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
