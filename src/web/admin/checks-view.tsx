import { formatNumber, inLanguage } from '../base/language.ts';
import { checkTitle } from './check-words.ts';
import { OutboxList } from './outbox-list.tsx';
import { Trouble } from './trouble.tsx';
import { useRead } from './use-read.ts';

const say = inLanguage({
  ko: {
    title: '점검',
    invariants: '불변식',
    again: '지금 다시 점검',
    checking: '점검하는 중…',
    good: '모두 지켜지고 있습니다.',
    bad: '깨진 불변식이 있습니다. 판매를 멈추고 원인을 찾으세요.',
    unmade: '끝내지 못한 점검이 있습니다.',
    holds: '정상',
    violations: (n: string) => `위반 ${n}건`,
    notChecked: '점검하지 못함',
  },
  en: {
    title: 'Checks',
    invariants: 'Invariants',
    again: 'Check again now',
    checking: 'Checking…',
    good: 'Everything holds.',
    bad: 'Something that must never break is broken. Pause the sale and find out why.',
    unmade: 'Some checks could not be made.',
    holds: 'holds',
    violations: (n: string) => `${n} violations`,
    notChecked: 'not checked',
  },
});

interface Check {
  id: string;
  title: string;
  violations: number;
  checked: boolean;
}

export function ChecksView() {
  const { value, problem, reload } = useRead<{ ok: boolean; checks: Check[] }>('/admin/invariants');
  const broken = value?.checks.some((check) => check.violations > 0);
  const tone = broken ? 'bad' : value?.ok ? 'good' : 'warn';
  const words = broken ? say.bad : value?.ok ? say.good : say.unmade;
  return (
    <>
      <h1>{say.title}</h1>
      <section class="card stack">
        <div class="room-head">
          <h2>{say.invariants}</h2>
          <button class="button plain compact" type="button" onClick={reload}>
            {say.again}
          </button>
        </div>
        <Trouble problem={problem} />
        {!value && !problem && <p class="quiet">{say.checking}</p>}
        {value && (
          <p class={`notice verdict ${tone}`} role="status">
            {words}
          </p>
        )}
        <ul class="checks">
          {value?.checks.map((check) => (
            <li key={check.id}>
              <Verdict check={check} />
              <span>
                <b>{check.id}</b> <span class="quiet">{checkTitle(check)}</span>
              </span>
            </li>
          ))}
        </ul>
      </section>
      <OutboxList />
    </>
  );
}

function Verdict({ check }: { check: Check }) {
  if (!check.checked) return <span class="badge warn">{say.notChecked}</span>;
  if (check.violations === 0) return <span class="badge good">{say.holds}</span>;
  return <span class="badge alarm">{say.violations(formatNumber(check.violations))}</span>;
}
