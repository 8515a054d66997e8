import { useEffect, useRef, useState } from 'preact/hooks';
import { call, ProblemError } from '../base/api.ts';
import type { Place, Room } from './documents.ts';

/** The operator's words change seldom: asked for twice a minute near the front, and once in 20 polls behind. */
const REFRESH_MIN_MS = 30_000;
const REFRESH_POLLS = 20;

/**
 * The room as shown. It is asked for anew on the heels of a poll, so that the pace of polls bounds these reads
 * too: at once when the poll tells another state or the person has come back to the page, else now and then.
 *
 * @param place as last polled: another object, another poll
 */
export function useRoom(first: Room, place: Place | undefined): Room {
  const [room, setRoom] = useState(first);
  const refreshedAt = useRef(performance.now());
  const shownAgain = useRef(false);
  useEffect(() => {
    const shown = (): void => {
      shownAgain.current ||= !document.hidden;
    };
    document.addEventListener('visibilitychange', shown);
    return () => document.removeEventListener('visibilitychange', shown);
  }, []);
  useEffect(() => {
    if (!place) return;
    const stale = place.roomState !== room.state;
    const dueMs = Math.max(REFRESH_MIN_MS, REFRESH_POLLS * place.pollAfterMs);
    if (!stale && !shownAgain.current && performance.now() - refreshedAt.current < dueMs) return;
    refreshedAt.current = performance.now();
    shownAgain.current = false;
    const headers = { 'Cache-Control': 'no-cache' };
    call<Room>(`/rooms/${first.roomId}`, stale ? { headers } : {}).then(setRoom, (error) => {
      // The last one known stays; the line tells when nothing answers.
      if (!(error instanceof ProblemError)) throw error;
    });
  }, [place]);
  useEffect(() => {
    const { style } = document.documentElement;
    const colours = { '--accent': room.colour, '--on-accent': room.onColour };
    for (const [name, value] of Object.entries(colours)) {
      if (value) style.setProperty(name, value);
      else style.removeProperty(name);
    }
  }, [room.colour, room.onColour]);
  return place ? { ...room, state: place.roomState } : room;
}
