import { textOn } from '../../platform/text-on.ts';
import { inLanguage } from '../base/language.ts';
import type { Room, RoomInput } from './data.ts';
import { FIELDS, STATES } from './room-words.ts';
import { SaveBar } from './save-bar.tsx';
import { useAct } from './use-act.ts';
import { useDraft } from './use-draft.ts';
import type { Settings } from './use-settings.ts';

const say = inLanguage({
  ko: {
    title: '대기실 화면',
    preview: '미리보기',
    number: '내 순서',
    button: '줄 서기',
    colourHint: '비워 두면 기본색',
    own: '색상 지정',
  },
  en: {
    title: 'What visitors see',
    preview: 'Preview',
    number: 'Your number',
    button: 'Join the line',
    colourHint: 'Empty: the default',
    own: 'Own colour',
  },
});

const DEFAULT_COLOUR = '#3d4fd6';

/** The operator's own title, message and colour, beside what a visitor would see. */
export function PageText({ room, save }: { room: Room; save: Settings['save'] }) {
  const draft = useDraft(room);
  const acting = useAct();
  const { values, set } = draft;
  return (
    <section class="card stack" aria-labelledby="page-text-title">
      <h2 id="page-text-title">{say.title}</h2>
      <div class="two">
        <div class="stack">
          <label class="field">
            {FIELDS.title}
            <input
              value={values.title}
              maxLength={200}
              dir="auto"
              onInput={(event) => set({ title: event.currentTarget.value })}
            />
          </label>
          <label class="field">
            {FIELDS.message}
            <textarea
              value={values.message}
              maxLength={2_000}
              rows={4}
              dir="auto"
              onInput={(event) => set({ message: event.currentTarget.value })}
            />
          </label>
          <div class="field">
            <label for="colour">{FIELDS.colour}</label>
            <div class="stepped">
              <label class="check">
                <input
                  type="checkbox"
                  checked={values.colour !== ''}
                  onChange={(event) =>
                    set({ colour: event.currentTarget.checked ? DEFAULT_COLOUR : '' })
                  }
                />
                {say.own}
              </label>
              <input
                id="colour"
                type="color"
                disabled={values.colour === ''}
                value={values.colour || DEFAULT_COLOUR}
                onInput={(event) => set({ colour: event.currentTarget.value })}
              />
            </div>
          </div>
        </div>
        <Preview values={values} />
      </div>
      <SaveBar draft={draft} acting={acting} save={save} />
    </section>
  );
}

function Preview({ values }: { values: RoomInput }) {
  const colour = values.colour || DEFAULT_COLOUR;
  return (
    <figure class="preview">
      <figcaption class="quiet small">{say.preview}</figcaption>
      <div class="preview-page">
        <b class="preview-title" dir="auto">
          {values.title || values.name}
        </b>
        {values.message && (
          <p class="preview-message" dir="auto">
            {values.message}
          </p>
        )}
        {values.state !== 'OPEN' && <span class="badge warn">{STATES[values.state]}</span>}
        <span class="quiet small">{say.number}</span>
        <b class="big">1,234</b>
        <span class="preview-button" style={{ background: colour, color: textOn(colour) }}>
          {say.button}
        </span>
      </div>
    </figure>
  );
}
