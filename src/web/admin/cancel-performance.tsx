import { useState } from 'preact/hooks';
import { formatNumber, inLanguage } from '../base/language.ts';
import { Confirm } from './confirm.tsx';
import type { Performance } from './data.ts';
import { formatTime } from './format.ts';
import { useSignedIn } from './session.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';
import { useRead } from './use-read.ts';

const PROGRESS_MS = 1_000;

const say = inLanguage({
  ko: {
    title: '회차 취소',
    what: '더는 팔리지 않고, 모든 예약이 취소되거나 환불됩니다. 되돌릴 수 없습니다.',
    cancel: '회차 취소하기',
    sure: '이 회차를 취소할까요?',
    type: '확인을 위해 회차 이름을 그대로 입력하세요:',
    cancelledAt: (at: string) => `${at}에 취소했습니다.`,
    progress: '환불 진행',
    of: (done: string, all: string) => `예약 ${all}건 가운데 ${done}건을 돌려주었습니다.`,
    done: '모두 돌려주었습니다.',
  },
  en: {
    title: 'Cancel this performance',
    what: 'Nothing more is sold, and every reservation is cancelled or refunded. It cannot be undone.',
    cancel: 'Cancel the performance',
    sure: 'Cancel this performance?',
    type: 'To confirm, type its name exactly:',
    cancelledAt: (at: string) => `Cancelled at ${at}.`,
    progress: 'Refunds',
    of: (done: string, all: string) => `${done} of ${all} reservations given back.`,
    done: 'Everything has been given back.',
  },
});

export function CancelPerformance({
  performance,
  onCancelled,
}: {
  performance: Performance;
  onCancelled: () => void;
}) {
  const { ask } = useSignedIn();
  const { busy, problem, act } = useAct();
  const [typed, setTyped] = useState<string>();
  const { concertId, optionId, optionName, cancelledAt } = performance;
  const path = `/admin/concerts/${concertId}/options/${optionId}/cancel`;
  const cancel = () => {
    const body = { confirm: typed };
    setTyped(undefined);
    void act(async () => {
      await ask(path, { method: 'POST', body });
      onCancelled();
    });
  };
  return (
    <section class="card stack danger">
      <h2>{say.title}</h2>
      <Trouble problem={problem} />
      {cancelledAt ? (
        <>
          <p>{say.cancelledAt(formatTime(cancelledAt))}</p>
          <Progress path={path} />
        </>
      ) : (
        <>
          <p>{say.what}</p>
          <div class="buttons start">
            <button class="button bad" type="button" disabled={busy} onClick={() => setTyped('')}>
              {say.cancel}
            </button>
          </div>
        </>
      )}
      {typed !== undefined && (
        <Confirm
          title={say.sure}
          action={say.cancel}
          disabled={typed !== optionName}
          onConfirm={cancel}
          onCancel={() => setTyped(undefined)}
        >
          <p>{say.what}</p>
          <label class="field">
            <span>
              {say.type} <bdi class="quoted">{optionName}</bdi>
            </span>
            <input
              value={typed}
              autocomplete="off"
              dir="auto"
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        </Confirm>
      )}
    </section>
  );
}

/** How far giving back has come, until it is done. */
function Progress({ path }: { path: string }) {
  const { value, problem } = useRead<{ remaining: number; givenBack: number }>(path, PROGRESS_MS);
  if (!value) return <Trouble problem={problem} />;
  const all = value.remaining + value.givenBack;
  return (
    <div class="stack">
      <progress
        aria-label={say.progress}
        max={Math.max(1, all)}
        value={all === 0 ? 1 : value.givenBack}
      />
      <p role="status">
        {all > 0 && `${say.of(formatNumber(value.givenBack), formatNumber(all))} `}
        {value.remaining === 0 && <b>{say.done}</b>}
      </p>
    </div>
  );
}
