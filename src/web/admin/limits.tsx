import { useEffect, useState } from 'preact/hooks';
import { formatNumber, inLanguage } from '../base/language.ts';
import type { Eta, Room, RoomInput } from './data.ts';
import { formatEta } from './format.ts';
import { FIELDS } from './room-words.ts';
import { SaveBar } from './save-bar.tsx';
import { useSignedIn } from './session.ts';
import { useAct } from './use-act.ts';
import { type Draft, useDraft } from './use-draft.ts';
import type { Settings } from './use-settings.ts';

/** How long the typing must rest before the effect is asked for, ms. */
const REST_MS = 250;
const CAPACITY_MAX = 1_000_000;

const say = inLanguage({
  ko: {
    title: '인원과 속도',
    noRate: '한도 없음',
    effect: '지금 줄을 서면',
    now: '지금',
    after: '저장하면',
    less: '10% 줄이기',
    more: '10% 늘리기',
  },
  en: {
    title: 'Capacity and rate',
    noRate: 'No limit',
    effect: 'Wait for who joins now',
    now: 'Now',
    after: 'After saving',
    less: '10 % less',
    more: '10 % more',
  },
});

/** Capacity and rate, with what they would do to the wait before they are saved. */
export function Limits({ room, save }: { room: Room; save: Settings['save'] }) {
  const draft = useDraft(room);
  const acting = useAct();
  const { capacity, admitPerMinute } = draft.values;
  const step = (factor: number) =>
    draft.set({
      capacity: Math.min(CAPACITY_MAX, Math.max(0, Math.round(capacity * factor))),
    });
  return (
    <section class="card stack" aria-labelledby="limits-title">
      <h2 id="limits-title">{say.title}</h2>
      <div class="two">
        <div class="field">
          <label for="capacity">{FIELDS.capacity}</label>
          <div class="stepped">
            <button type="button" class="button plain" onClick={() => step(0.9)} title={say.less}>
              −10%
            </button>
            <input
              id="capacity"
              type="number"
              min={0}
              max={CAPACITY_MAX}
              value={capacity}
              onInput={(event) => draft.set({ capacity: Number(event.currentTarget.value) })}
            />
            <button type="button" class="button plain" onClick={() => step(1.1)} title={say.more}>
              +10%
            </button>
          </div>
        </div>
        <Rate admitPerMinute={admitPerMinute} set={draft.set} />
      </div>
      <Effect room={room} draft={draft} />
      <SaveBar draft={draft} acting={acting} save={save} />
    </section>
  );
}

function Rate({
  admitPerMinute,
  set,
}: {
  admitPerMinute: number | null;
  set: (change: Partial<RoomInput>) => void;
}) {
  const [last, setLast] = useState(admitPerMinute ?? 60);
  const change = (value: number | null) => {
    if (value !== null) setLast(value);
    set({ admitPerMinute: value });
  };
  return (
    <div class="field">
      <label for="rate">{FIELDS.admitPerMinute}</label>
      <input
        id="rate"
        type="number"
        min={1}
        disabled={admitPerMinute === null}
        value={admitPerMinute ?? ''}
        onInput={(event) => change(Math.max(1, Number(event.currentTarget.value)))}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={admitPerMinute === null}
          onChange={(event) => change(event.currentTarget.checked ? null : last)}
        />
        {say.noRate}
      </label>
    </div>
  );
}

/** The wait of who joins now, as it is and as it would be. */
function Effect({ room, draft }: { room: Room; draft: Draft }) {
  const { ask } = useSignedIn();
  const [estimate, setEstimate] = useState<{ now: Eta; changed: Eta }>();
  const { capacity, admitPerMinute } = draft.values;
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(async () => {
      const query = `capacity=${capacity}&admitPerMinute=${admitPerMinute ?? 'none'}`;
      const path = `/admin/rooms/${encodeURIComponent(room.roomId)}/estimate?${query}`;
      const read = await ask<{ now: Eta; changed: Eta }>(path).catch(() => undefined);
      if (wanted) setEstimate(read);
    }, REST_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [ask, room, capacity, admitPerMinute]);
  return (
    <p class="effect notice" aria-live="polite">
      <span>{say.effect}</span>
      <span>
        {say.now} <b>{estimate ? formatEta(estimate.now) : '…'}</b>
      </span>
      {draft.dirty && (
        <span>
          {say.after} ({formatNumber(capacity)}
          {admitPerMinute !== null && ` · ${formatNumber(admitPerMinute)}/min`}){' '}
          <b>{estimate ? formatEta(estimate.changed) : '…'}</b>
        </span>
      )}
    </p>
  );
}
