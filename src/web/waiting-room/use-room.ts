import { useEffect, useState } from 'preact/hooks';
import { call, ProblemError } from '../base/api.ts';
import type { Room } from './documents.ts';

/** The operator's words change seldom; a cache in front of the API answers most of these. */
const REFRESH_MS = 30_000;

/**
 * The room as shown, asked for anew twice a minute and at once when the poll tells another state.
 *
 * @param told the state that the last poll told
 */
export function useRoom(first: Room, told: Room['state'] | undefined): Room {
  const [room, setRoom] = useState(first);
  const stale = told !== undefined && told !== room.state;
  useEffect(() => {
    const refresh = async (): Promise<void> => {
      try {
        const path = `/rooms/${first.roomId}`;
        setRoom(await call<Room>(path, stale ? { headers: { 'Cache-Control': 'no-cache' } } : {}));
      } catch (error) {
        // The last one known stays; the line tells when nothing answers.
        if (!(error instanceof ProblemError)) throw error;
      }
    };
    if (stale) void refresh();
    const timer = setInterval(refresh, REFRESH_MS * (0.8 + 0.4 * Math.random()));
    return () => clearInterval(timer);
  }, [first.roomId, stale]);
  useEffect(() => {
    const { style } = document.documentElement;
    const colours = { '--accent': room.colour, '--on-accent': room.onColour };
    for (const [name, value] of Object.entries(colours)) {
      if (value) style.setProperty(name, value);
      else style.removeProperty(name);
    }
  }, [room.colour, room.onColour]);
  return told === undefined ? room : { ...room, state: told };
}
