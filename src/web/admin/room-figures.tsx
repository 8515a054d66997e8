import { formatNumber, inLanguage } from '../base/language.ts';
import type { Room, RoomStats } from './data.ts';
import { formatDuration, formatEta, formatRate } from './format.ts';
import { Meter } from './meter.tsx';

const say = inLanguage({
  ko: {
    waiting: '대기 중',
    returning: (n: string) => `돌아온 사람 ${n}명 포함`,
    active: '입장 중',
    eta: '지금 줄을 서면',
    oldest: '가장 오래 기다린 사람',
    flow: '분당 입장 / 완료',
    polls: '초당 조회',
    coverage: '예상 안에 입장',
    idle: '빈자리가 채워지기까지 (p99)',
    none: '–',
    reasons: {
      paused: '일시정지 중',
      recovering: '복구 중',
      'not open yet': '아직 열리지 않음',
      unknown: '아직 알 수 없음',
    },
  },
  en: {
    waiting: 'Waiting',
    returning: (n: string) => `${n} of them returned`,
    active: 'Inside',
    eta: 'Wait for who joins now',
    oldest: 'Longest wait so far',
    flow: 'Admitted / finished per minute',
    polls: 'Polls per second',
    coverage: 'Waits within the promise',
    idle: 'Free slot filled within (p99)',
    none: '–',
    reasons: {
      paused: 'paused',
      recovering: 'recovering',
      'not open yet': 'not open yet',
      unknown: 'not known yet',
    },
  },
});

/** The figures of this second: how many wait, how full it is, how long it takes. */
export function RoomFigures({ room, stats }: { room: Room; stats: RoomStats | undefined }) {
  if (!stats) return <div class="figures card" aria-busy="true" />;
  const { p99 } = stats.slotIdleMs;
  return (
    <section class="figures card">
      <div class="hero">
        <span>{say.waiting}</span>
        <b class="huge">{formatNumber(stats.waiting + stats.returning)}</b>
        {stats.returning > 0 && (
          <span class="quiet small">{say.returning(formatNumber(stats.returning))}</span>
        )}
      </div>
      <div class="hero">
        <span>{say.eta}</span>
        <b class="large">{stats.eta ? formatEta(stats.eta) : reasonOf(stats)}</b>
      </div>
      <div class="hero wide">
        <Meter label={say.active} value={stats.active} max={stats.capacity} />
      </div>
      <dl class="facts">
        <Fact
          name={say.flow}
          value={`${formatRate(stats.admittedPerMinute)} / ${formatRate(stats.finishedPerMinute)}`}
        />
        <Fact name={say.oldest} value={formatDuration(stats.oldestWaitSeconds)} />
        <Fact
          name={say.polls}
          value={`${formatRate(stats.pollsPerSecond)} / ${formatNumber(room.pollBudgetPerSecond)}`}
        />
        <Fact
          name={say.coverage}
          value={stats.etaCoverage === null ? say.none : `${Math.round(stats.etaCoverage * 100)} %`}
        />
        <Fact
          name={say.idle}
          value={p99 === null ? say.none : `${formatNumber(Math.round(p99))} ms`}
        />
      </dl>
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function reasonOf({ etaReason }: RoomStats): string {
  const reasons: Record<string, string> = say.reasons;
  return reasons[etaReason ?? ''] ?? say.reasons.unknown;
}
