import { useState } from 'preact/hooks';
import type { Room, RoomInput } from './data.ts';

/**
 * What an operator has typed but not saved, and the settings it was typed against: while somebody types, a
 * change by somebody else must not slip under it unseen.
 */
export interface Draft {
  /** What the form shows. */
  values: RoomInput;
  /** What differs from `base`. */
  changes: Partial<RoomInput>;
  dirty: boolean;
  base: Room;
  set: (change: Partial<RoomInput>) => void;
  discard: () => void;
}

export function useDraft(room: Room): Draft {
  const [draft, setDraft] = useState<{ base: Room; typed: Partial<RoomInput> }>();
  const base = draft?.base ?? room;
  const changes = differences(base, draft?.typed ?? {});
  const dirty = Object.keys(changes).length > 0;
  return {
    values: { ...base, ...draft?.typed },
    changes,
    dirty,
    base,
    set: (change) =>
      setDraft((last) => {
        const typed = { ...last?.typed, ...change };
        const on = last?.base ?? room;
        return Object.keys(differences(on, typed)).length > 0 ? { base: on, typed } : undefined;
      }),
    discard: () => setDraft(undefined),
  };
}

function differences(base: RoomInput, typed: Partial<RoomInput>): Partial<RoomInput> {
  const changes: Partial<RoomInput> = {};
  const keep = <K extends keyof RoomInput>(key: K, value: RoomInput[K] | undefined): void => {
    if (value !== undefined && value !== base[key]) changes[key] = value;
  };
  for (const key of KEYS) keep(key, typed[key]);
  return changes;
}

const KEYS = [
  'name',
  'state',
  'capacity',
  'admitPerMinute',
  'slotSeconds',
  'claimSeconds',
  'graceSeconds',
  'waitingMax',
  'pollBudgetPerSecond',
  'opensAt',
  'closesAt',
  'title',
  'message',
  'colour',
] as const;
