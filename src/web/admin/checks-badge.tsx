import { inLanguage } from '../base/language.ts';
import { hrefTo } from './route.ts';
import { useRead } from './use-read.ts';

const CHECKS_MS = 15_000;

const say = inLanguage({
  ko: { good: '불변식 정상', bad: (n: number) => `불변식 위반 ${n}건`, stale: '점검 결과 없음' },
  en: {
    good: 'Invariants hold',
    bad: (n: number) => `${n} invariant violation${n === 1 ? '' : 's'}`,
    stale: 'No recent check',
  },
});

export interface LastChecks {
  ok: boolean;
  checks: { id: string; violations: number; checkedAt: string; fresh: boolean }[];
}

/** All is well, or loud: on every view. */
export function ChecksBadge() {
  const { value } = useRead<LastChecks>('/admin/invariants/last', CHECKS_MS);
  if (!value) return <span class="spacer" />;
  const violations = value.checks.reduce((sum, check) => sum + check.violations, 0);
  const tone = violations > 0 ? 'alarm' : value.ok ? 'good' : 'warn';
  const words = violations > 0 ? say.bad(violations) : value.ok ? say.good : say.stale;
  return (
    <span class="spacer">
      <a class={`badge ${tone}`} href={hrefTo('checks')}>
        {words}
      </a>
    </span>
  );
}
