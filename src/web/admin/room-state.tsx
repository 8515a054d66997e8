import { useRef, useState } from 'preact/hooks';
import { formatNumber, inLanguage } from '../base/language.ts';
import { Confirm } from './confirm.tsx';
import type { Room, RoomInput, RoomState } from './data.ts';
import { STATES } from './room-words.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';

const say = inLanguage({
  ko: {
    pause: '일시정지',
    resume: '다시 열기',
    close: '닫기',
    closeTitle: '이 대기실을 닫을까요?',
    closeWhat: '새로 줄을 설 수 없습니다. 이미 줄을 선 사람은 차례대로 계속 입장합니다.',
    admit: '입장시키기',
    count: '인원',
    admitted: (n: string) => `${n}명을 입장시켰습니다.`,
    hand: '직접 입장: 속도 한도는 무시하고 동시 입장 인원만 지킵니다.',
  },
  en: {
    pause: 'Pause',
    resume: 'Resume',
    close: 'Close',
    closeTitle: 'Close this room?',
    closeWhat: 'Nobody new can join. Who stands in line already is still let in, in turn.',
    admit: 'Admit',
    count: 'People',
    admitted: (n: string) => `${n} admitted.`,
    hand: 'By hand: obeys the capacity, not the rate.',
  },
});

const TONES: Record<RoomState, string> = { OPEN: 'good', PAUSED: 'warn', CLOSED: 'bad' };

export function StateBadge({ state }: { state: RoomState }) {
  return <span class={`badge ${TONES[state]}`}>{STATES[state]}</span>;
}

/** Pause, resume, close and admit: what an operator reaches for first. */
export function RoomStateControls({
  room,
  save,
}: {
  room: Room;
  save: (changes: Partial<RoomInput>) => Promise<void>;
}) {
  const { ask, tell } = useSignedIn();
  const { busy, problem, act } = useAct();
  const [closing, setClosing] = useState(false);
  const count = useRef<HTMLInputElement>(null);
  const turn = (state: RoomState) => void act(() => save({ state }));
  const admit = (event: SubmitEvent) => {
    event.preventDefault();
    void act(async () => {
      const body = { count: Number(count.current?.value) };
      const path = `/admin/rooms/${encodeURIComponent(room.roomId)}/admit`;
      const { admitted } = await ask<{ admitted: number }>(path, { method: 'POST', body });
      tell(say.admitted(formatNumber(admitted)));
    });
  };
  return (
    <section class="state-controls">
      {room.state === 'OPEN' ? (
        <button class="button warn" type="button" disabled={busy} onClick={() => turn('PAUSED')}>
          {say.pause}
        </button>
      ) : (
        <button class="button" type="button" disabled={busy} onClick={() => turn('OPEN')}>
          {say.resume}
        </button>
      )}
      {room.state !== 'CLOSED' && (
        <button class="button plain" type="button" disabled={busy} onClick={() => setClosing(true)}>
          {say.close}
        </button>
      )}
      <form class="admit" onSubmit={admit} title={say.hand}>
        <label>
          <span class="visually-hidden">{say.count}</span>
          <input ref={count} type="number" min={1} max={10_000} required defaultValue={10} />
        </label>
        <button class="button plain" type="submit" disabled={busy}>
          {say.admit}
        </button>
      </form>
      <Trouble problem={problem} />
      {closing && (
        <Confirm
          title={say.closeTitle}
          action={say.close}
          onCancel={() => setClosing(false)}
          onConfirm={() => {
            setClosing(false);
            turn('CLOSED');
          }}
        >
          <p>{say.closeWhat}</p>
        </Confirm>
      )}
    </section>
  );
}
