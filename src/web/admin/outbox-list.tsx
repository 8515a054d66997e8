import { inLanguage } from '../base/language.ts';
import type { Items } from './data.ts';
import { formatTime } from './format.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';
import { useRead } from './use-read.ts';

const OUTBOX_MS = 5_000;

const say = inLanguage({
  ko: {
    title: '배달되지 않은 일',
    none: '밀린 일이 없습니다.',
    attempts: (n: number) => `${n}번 시도`,
    retry: '지금 다시',
    retried: '바로 다시 시도합니다.',
  },
  en: {
    title: 'Effects not delivered yet',
    none: 'Nothing is stuck.',
    attempts: (n: number) => `${n} attempts`,
    retry: 'Retry now',
    retried: 'It is being tried again.',
  },
});

interface Effect {
  outboxId: number;
  kind: string;
  attempts: number;
  lastError: string | null;
  createdAt: string;
}

/** What follows from a payment or a refund and has not happened yet. */
export function OutboxList() {
  const { ask, tell } = useSignedIn();
  const { value, problem, reload } = useRead<Items<Effect>>('/admin/outbox', OUTBOX_MS);
  const retrying = useAct();
  const retry = (id: number) =>
    retrying.act(async () => {
      await ask(`/admin/outbox/${id}/retry`, { method: 'POST' });
      tell(say.retried);
      reload();
    });
  return (
    <section class="card stack">
      <h2>{say.title}</h2>
      <Trouble problem={problem ?? retrying.problem} />
      {value?.items.length === 0 && <p class="quiet">{say.none}</p>}
      <ul class="checks">
        {value?.items.map((effect) => (
          <li key={effect.outboxId}>
            <span class={effect.attempts > 0 ? 'badge bad' : 'badge'}>{effect.kind}</span>
            <span>
              #{effect.outboxId} · {formatTime(effect.createdAt)} · {say.attempts(effect.attempts)}{' '}
              <span class="quiet" dir="auto">
                {effect.lastError}
              </span>
            </span>
            <button
              class="button plain compact"
              type="button"
              disabled={retrying.busy}
              onClick={() => void retry(effect.outboxId)}
            >
              {say.retry}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
