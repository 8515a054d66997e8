import { inLanguage } from '../base/language.ts';
import type { Room } from './data.ts';
import { fromLocalInput, toLocalInput } from './format.ts';
import { FIELDS } from './room-words.ts';
import { SaveBar } from './save-bar.tsx';
import { useAct } from './use-act.ts';
import { useDraft } from './use-draft.ts';
import type { Settings } from './use-settings.ts';

const say = inLanguage({
  ko: { title: '그 밖의 설정' },
  en: { title: 'More settings' },
});

const NUMBERS = [
  ['slotSeconds', 1, 86_400],
  ['claimSeconds', 1, 3_600],
  ['graceSeconds', 4, 86_400],
  ['waitingMax', 0, 10_000_000],
  ['pollBudgetPerSecond', 1, 1_000_000],
] as const;
const TIMES = ['opensAt', 'closesAt'] as const;

/** What is seldom changed during a sale. */
export function MoreSettings({ room, save }: { room: Room; save: Settings['save'] }) {
  const draft = useDraft(room);
  const acting = useAct();
  const { values, set } = draft;
  return (
    <details class="card">
      <summary>{say.title}</summary>
      <div class="stack">
        <div class="form-line">
          <label class="field">
            {FIELDS.name}
            <input
              value={values.name}
              maxLength={200}
              dir="auto"
              onInput={(event) => set({ name: event.currentTarget.value })}
            />
          </label>
          {NUMBERS.map(([key, min, max]) => (
            <label class="field" key={key}>
              {FIELDS[key]}
              <input
                type="number"
                min={min}
                max={max}
                value={values[key]}
                onInput={(event) => set({ [key]: Number(event.currentTarget.value) })}
              />
            </label>
          ))}
          {TIMES.map((key) => (
            <label class="field" key={key}>
              {FIELDS[key]}
              <input
                type="datetime-local"
                step={1}
                value={toLocalInput(values[key])}
                onInput={(event) => set({ [key]: fromLocalInput(event.currentTarget.value) })}
              />
            </label>
          ))}
        </div>
        <SaveBar draft={draft} acting={acting} save={save} />
      </div>
    </details>
  );
}
