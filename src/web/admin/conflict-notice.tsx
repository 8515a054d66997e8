import { useEffect, useRef } from 'preact/hooks';
import { formatNumber, inLanguage } from '../base/language.ts';
import type { RoomInput } from './data.ts';
import { formatTime } from './format.ts';
import { FIELDS, STATES } from './room-words.ts';
import { Trouble } from './trouble.tsx';
import { useAct } from './use-act.ts';
import type { Conflict, Settings } from './use-settings.ts';

const say = inLanguage({
  ko: {
    title: '다른 관리자가 먼저 저장했습니다',
    what: '내 변경은 아직 저장되지 않았습니다. 두 값을 비교하고 고르세요.',
    field: '설정',
    mine: '내 값',
    theirs: '지금 적용된 값',
    both: '둘 다 바꿈',
    overwrite: '내 값으로 저장',
    giveWay: '지금 값 그대로 두기',
    none: '없음',
    others: (names: string) => `그 밖에 바뀐 설정: ${names}`,
  },
  en: {
    title: 'Somebody else saved first',
    what: 'Your change is not saved yet. Compare the values and choose.',
    field: 'Setting',
    mine: 'Yours',
    theirs: 'In force now',
    both: 'changed by both',
    overwrite: 'Save mine',
    giveWay: 'Keep what is in force',
    none: 'none',
    others: (names: string) => `Also changed by them: ${names}`,
  },
});

/** Both values of everything one wanted to change, and a way on. */
export function ConflictNotice({
  conflict,
  save,
  giveWay,
}: {
  conflict: Conflict;
  save: Settings['save'];
  giveWay: Settings['giveWay'];
}) {
  const { mine, base, theirs } = conflict;
  const { busy, problem, act } = useAct();
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), []);
  const fields = Object.keys(FIELDS).filter((key): key is keyof RoomInput => key in mine);
  const others = Object.keys(FIELDS)
    .filter((key): key is keyof RoomInput => key in FIELDS && !(key in mine))
    .filter((key) => theirs[key] !== base[key]);
  return (
    <section class="card conflict" ref={box} tabIndex={-1} aria-labelledby="conflict-title">
      <h2 id="conflict-title">{say.title}</h2>
      <p>{say.what}</p>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{say.field}</th>
            <th scope="col">{say.theirs}</th>
            <th scope="col">{say.mine}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((key) => (
            <tr key={key}>
              <th scope="row">
                {FIELDS[key]}
                {theirs[key] !== base[key] && <span class="badge bad">{say.both}</span>}
              </th>
              <td dir="auto">{shownValue(key, theirs)}</td>
              <td dir="auto">{shownValue(key, mine)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {others.length > 0 && <p>{say.others(others.map((key) => FIELDS[key]).join(', '))}</p>}
      <Trouble problem={problem} />
      <div class="buttons">
        <button class="button plain" type="button" onClick={giveWay}>
          {say.giveWay}
        </button>
        <button
          class="button"
          type="button"
          disabled={busy}
          onClick={() => void act(async () => void (await save(mine, theirs)))}
        >
          {say.overwrite}
        </button>
      </div>
    </section>
  );
}

function shownValue(key: keyof RoomInput, settings: Partial<RoomInput>): string {
  if (key === 'state') return settings.state ? STATES[settings.state] : say.none;
  const value = settings[key];
  if (value === null || value === undefined || value === '') return say.none;
  if (typeof value === 'number') return formatNumber(value);
  return key === 'opensAt' || key === 'closesAt' ? formatTime(value) : value;
}
