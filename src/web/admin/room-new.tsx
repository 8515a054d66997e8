import { inLanguage } from '../base/language.ts';
import type { Room } from './data.ts';
import { hrefTo } from './route.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';

const say = inLanguage({
  ko: {
    title: '새 대기실',
    id: 'ID (영문, 숫자, - _)',
    name: '이름',
    capacity: '동시 입장 인원',
    create: '만들기',
    created: '대기실을 만들었습니다.',
  },
  en: {
    title: 'New room',
    id: 'Id (letters, digits, - _)',
    name: 'Name',
    capacity: 'Capacity',
    create: 'Create',
    created: 'The room was created.',
  },
});

export function RoomNew({ onCreated }: { onCreated: () => void }) {
  const { ask, tell } = useSignedIn();
  const { busy, problem, act } = useAct();
  const create = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const given = new FormData(form);
    void act(async () => {
      const body = {
        roomId: String(given.get('roomId')),
        name: String(given.get('name')),
        capacity: Number(given.get('capacity')),
      };
      const room = await ask<Room>('/admin/rooms', { method: 'POST', body });
      tell(say.created);
      form.reset();
      onCreated();
      location.hash = hrefTo('rooms', room.roomId);
    });
  };
  return (
    <details class="card">
      <summary>{say.title}</summary>
      <form class="form-line" onSubmit={create}>
        <label class="field">
          {say.id}
          <input name="roomId" required pattern="[A-Za-z0-9_\-]{1,64}" autocapitalize="none" />
        </label>
        <label class="field">
          {say.name}
          <input name="name" required maxLength={200} />
        </label>
        <label class="field">
          {say.capacity}
          <input
            name="capacity"
            type="number"
            min={0}
            max={1_000_000}
            required
            defaultValue={100}
          />
        </label>
        <button class="button" type="submit" disabled={busy}>
          {say.create}
        </button>
      </form>
      <Trouble problem={problem} />
    </details>
  );
}
