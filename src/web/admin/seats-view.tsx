import { inLanguage } from '../base/language.ts';
import { CancelPerformance } from './cancel-performance.tsx';
import type { Items, Performance } from './data.ts';
import { formatTime } from './format.ts';
import { PerformanceForm } from './performance-form.tsx';
import { hrefTo } from './route.ts';
import { SeatGrid } from './seat-grid.tsx';
import { Trouble } from './trouble.tsx';
import { useRead } from './use-read.ts';

const say = inLanguage({
  ko: { back: '공연으로', cancelled: '취소됨' },
  en: { back: 'Back to the concert', cancelled: 'cancelled' },
});

/** One performance: its seats, and cancelling it. */
export function SeatsView({ concertId, optionId }: { concertId: number; optionId: number }) {
  const path = `/admin/concerts/${concertId}/options`;
  const { value, problem, reload } = useRead<Items<Performance>>(path);
  const option = value?.items.find((one) => one.optionId === optionId);
  return (
    <>
      <p class="crumbs">
        <a href={hrefTo('concerts', concertId)}>{say.back}</a>
      </p>
      <Trouble problem={problem} />
      {option && (
        <>
          <div class="room-head">
            <h1 dir="auto">{option.optionName}</h1>
            {option.cancelledAt && <span class="badge bad">{say.cancelled}</span>}
          </div>
          <p>{formatTime(option.performAt)}</p>
          {!option.cancelledAt && <SeatGrid concertId={concertId} optionId={optionId} />}
          {!option.cancelledAt && (
            <PerformanceForm concertId={concertId} performance={option} onSaved={reload} />
          )}
          <CancelPerformance performance={option} onCancelled={reload} />
        </>
      )}
    </>
  );
}
