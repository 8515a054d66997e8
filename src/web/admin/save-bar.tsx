import { inLanguage } from '../base/language.ts';
import { Trouble } from './trouble.tsx';
import type { useAct } from './use-act.ts';
import type { Draft } from './use-draft.ts';
import type { Settings } from './use-settings.ts';

const say = inLanguage({
  ko: { save: '저장', discard: '되돌리기', unsaved: '저장하지 않은 변경이 있습니다.' },
  en: { save: 'Save', discard: 'Discard', unsaved: 'There are unsaved changes.' },
});

/** Save and discard of one form; shown always, so that nothing jumps when one starts to type. */
export function SaveBar({
  draft,
  acting,
  save,
}: {
  draft: Draft;
  acting: ReturnType<typeof useAct>;
  save: Settings['save'];
}) {
  const { busy, problem, act } = acting;
  const run = () =>
    act(async () => {
      await save(draft.changes, draft.base);
      // Saved or in conflict: the conflict keeps what was wanted.
      draft.discard();
    });
  return (
    <>
      <Trouble problem={problem} />
      <div class="buttons">
        {draft.dirty && <span class="quiet small">{say.unsaved}</span>}
        <button
          class="button plain"
          type="button"
          disabled={!draft.dirty || busy}
          onClick={draft.discard}
        >
          {say.discard}
        </button>
        <button
          class="button"
          type="button"
          disabled={!draft.dirty || busy}
          onClick={() => void run()}
        >
          {say.save}
        </button>
      </div>
    </>
  );
}
