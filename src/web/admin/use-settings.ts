import { useCallback, useState } from 'preact/hooks';
import { ProblemError } from '../base/api.ts';
import { inLanguage } from '../base/language.ts';
import type { Room, RoomInput } from './data.ts';
import { useSignedIn } from './session.ts';
import { useRead } from './use-read.ts';

const SETTINGS_MS = 3_000;

const say = inLanguage({
  ko: { saved: '저장했습니다.' },
  en: { saved: 'Saved.' },
});

/** Somebody else saved first: what one wanted, what the form was based on, and what holds now. */
export interface Conflict {
  mine: Partial<RoomInput>;
  base: Room;
  theirs: Room;
}

export interface Settings {
  room: Room | undefined;
  problem: ProblemError | undefined;
  conflict: Conflict | undefined;
  /**
   * Saves changes that were made looking at `base`. @returns false when they conflict, which is then shown
   * @throws ProblemError of any other refusal
   */
  save: (changes: Partial<RoomInput>, base: Room) => Promise<boolean>;
  /** Lets the conflict be as it is now. */
  giveWay: () => void;
}

export function useSettings(roomId: string): Settings {
  const { ask, tell } = useSignedIn();
  const path = `/admin/rooms/${encodeURIComponent(roomId)}`;
  const read = useRead<Room>(path, SETTINGS_MS);
  const [saved, setSaved] = useState<Room>();
  const [conflict, setConflict] = useState<Conflict>();

  const save = useCallback(
    async (changes: Partial<RoomInput>, base: Room) => {
      try {
        const headers = { 'If-Match': `"${base.version}"` };
        setSaved(await ask<Room>(path, { method: 'PATCH', body: changes, headers }));
        setConflict(undefined);
        tell(say.saved);
        return true;
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.code !== 'VERSION_CONFLICT') {
          throw error;
        }
        const theirs = await ask<Room>(path);
        setSaved(theirs);
        setConflict({ mine: changes, base, theirs });
        return false;
      }
    },
    [ask, path, tell],
  );
  const { value } = read;
  const room = saved && (!value || saved.version > value.version) ? saved : value;
  const giveWay = useCallback(() => setConflict(undefined), []);
  return { room, problem: read.problem, conflict, save, giveWay };
}
