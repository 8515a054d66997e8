import { inLanguage } from '../base/language.ts';
import { hrefTo } from './route.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';

const COUNTS = [300, 1_000, 3_000];

const say = inLanguage({
  ko: {
    title: '가상 인파',
    what: '가상의 사람들이 대기실 main에 몰려와 줄을 서고, 몇 초 둘러본 뒤 떠납니다. 시험용 서버에서만 쓸 수 있습니다.',
    let: (n: number) => `${n}명 들여보내기`,
    came: (n: number) => `${n}명이 오고 있습니다.`,
    off: '이 서버에서는 쓸 수 없습니다.',
  },
  en: {
    title: 'Simulated crowd',
    what: 'Simulated people come to the room main, stand in line, look around for some seconds and leave. Only on a private trial server.',
    let: (n: number) => `Let ${n} people in`,
    came: (n: number) => `${n} people are coming.`,
    off: 'Not available on this server.',
  },
});

/** Lets a newcomer see a line move, then shows the room in which it does. */
export function CrowdView() {
  const { ask, tell, demoCrowd } = useSignedIn();
  const { busy, problem, act } = useAct();
  const start = (count: number) =>
    act(async () => {
      const body = { count };
      const { started } = await ask<{ started: number }>('/admin/demo/crowd', {
        method: 'POST',
        body,
      });
      tell(say.came(started));
      location.hash = hrefTo('rooms', 'main');
    });
  return (
    <>
      <h1>{say.title}</h1>
      {!demoCrowd && <p class="notice warn">{say.off}</p>}
      {demoCrowd && (
        <section class="card stack">
          <p>{say.what}</p>
          <Trouble problem={problem} />
          <div class="buttons start">
            {COUNTS.map((count) => (
              <button
                key={count}
                class="button"
                type="button"
                disabled={busy}
                onClick={() => void start(count)}
              >
                {say.let(count)}
              </button>
            ))}
          </div>
        </section>
      )}
    </>
  );
}
