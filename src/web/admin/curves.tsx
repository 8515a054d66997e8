import { useMemo } from 'preact/hooks';
import { formatNumber, inLanguage } from '../base/language.ts';
import { Chart } from './chart.tsx';
import type { Room } from './data.ts';
import { formatDuration, formatDurationTick, formatRate, formatTick } from './format.ts';
import type { Live } from './use-live.ts';

const say = inLanguage({
  ko: {
    title: '최근 10분',
    waiting: '대기 인원',
    people: '대기',
    activeTitle: '입장 인원과 한도',
    active: '입장 중',
    capacity: '한도',
    flow: '분당 입장과 완료',
    admitted: '입장',
    finished: '완료',
    polls: (budget: string) => `초당 조회 (예산 ${budget})`,
    load: '조회',
    none: '아직 기록이 없습니다.',
    noWaits: '아직 기다렸다가 입장한 사람이 없습니다.',
    waits: '예상과 실제 대기',
    promised: '예상',
    promisedMost: '예상 최대',
    waited: '실제',
  },
  en: {
    title: 'Last ten minutes',
    waiting: 'People waiting',
    people: 'Waiting',
    activeTitle: 'Inside, against the capacity',
    active: 'Inside',
    capacity: 'Capacity',
    flow: 'Admitted and finished per minute',
    admitted: 'Admitted',
    finished: 'Finished',
    polls: (budget: string) => `Polls per second (budget ${budget})`,
    load: 'Polls',
    none: 'Nothing recorded yet.',
    noWaits: 'Nobody has been called after a wait yet.',
    waits: 'Wait: promised against real',
    promised: 'Promised',
    promisedMost: 'At most',
    waited: 'Real',
  },
});

const seconds = (iso: string): number => Date.parse(iso) / 1_000;

/** The room's last ten minutes, drawn on as they go. */
export function RoomCurves({ live, room }: { live: Live; room: Room }) {
  const { points, waits } = live;
  const at = useMemo(() => points.map((point) => seconds(point.at)), [points]);
  const people = useMemo(() => [at, points.map((point) => point.waiting)], [at, points]);
  const active = useMemo(
    () => [at, points.map((point) => point.active), points.map((point) => point.capacity)],
    [at, points],
  );
  const flow = useMemo(
    () => [
      at,
      points.map((point) => point.admittedPerMinute),
      points.map((point) => point.finishedPerMinute),
    ],
    [at, points],
  );
  const polls = useMemo(() => [at, points.map((point) => point.pollsPerSecond)], [at, points]);
  const waited = useMemo(
    () => [
      waits.map((one) => seconds(one.at)),
      waits.map((one) => one.promised?.p50 ?? null),
      waits.map((one) => one.promised?.p90 ?? null),
      waits.map((one) => one.waited),
    ],
    [waits],
  );
  return (
    <section aria-labelledby="curves-title">
      <h2 id="curves-title">{say.title}</h2>
      <div class="charts">
        <Chart
          title={say.waiting}
          lines={[{ label: say.people, colour: '--accent-text', filled: true }]}
          data={people}
          empty={say.none}
          format={formatNumber}
          tick={formatTick}
        />
        <Chart
          title={say.activeTitle}
          lines={[
            { label: say.active, colour: '--good', filled: true },
            { label: say.capacity, colour: '--quiet', dashed: true },
          ]}
          data={active}
          empty={say.none}
          format={formatNumber}
          tick={formatTick}
        />
        <Chart
          title={say.flow}
          lines={[
            { label: say.admitted, colour: '--accent-text' },
            { label: say.finished, colour: '--good' },
          ]}
          data={flow}
          empty={say.none}
          format={formatRate}
          tick={formatTick}
        />
        <Chart
          title={say.waits}
          lines={[
            { label: say.promised, colour: '--quiet', dashed: true },
            { label: say.promisedMost, colour: '--quiet', dashed: true, band: true },
            { label: say.waited, colour: '--warn' },
          ]}
          data={waited}
          empty={say.noWaits}
          format={formatDuration}
          tick={formatDurationTick}
        />
        <Chart
          title={say.polls(formatNumber(room.pollBudgetPerSecond))}
          lines={[{ label: say.load, colour: '--accent-text' }]}
          data={polls}
          empty={say.none}
          format={formatRate}
          tick={formatTick}
        />
      </div>
    </section>
  );
}
