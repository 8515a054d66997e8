import { useEffect, useState } from 'preact/hooks';
import type { CurvePoint, Curves, RoomStats } from './data.ts';
import { useSignedIn } from './session.ts';

/** How far back the curves go, ms. */
const SHOWN_MS = 10 * 60_000;
/** The waits that ended are read anew so often, ms. */
const WAITS_MS = 5_000;

export interface Live {
  stats: RoomStats | undefined;
  points: CurvePoint[];
  waits: Curves['waits'];
  /** False while the stream is broken and being taken up again. */
  connected: boolean;
}

/** A room as it is each second, on top of its last ten minutes. */
export function useLive(roomId: string): Live {
  const { ask } = useSignedIn();
  const [stats, setStats] = useState<RoomStats>();
  const [points, setPoints] = useState<CurvePoint[]>([]);
  const [waits, setWaits] = useState<Curves['waits']>([]);
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    const path = `/admin/rooms/${encodeURIComponent(roomId)}`;
    let wanted = true;
    const readCurves = async (first: boolean) => {
      const curves = await ask<Curves>(`${path}/curves`).catch(() => undefined);
      if (!wanted || !curves) return;
      setWaits(curves.waits);
      if (first) setPoints((live) => joined(curves.points, live));
    };
    void readCurves(true);
    const timer = setInterval(() => void readCurves(false), WAITS_MS);

    const stream = new EventSource(`${path}/stream`);
    stream.onopen = () => setConnected(true);
    stream.onmessage = (event) => {
      const now: RoomStats = JSON.parse(event.data);
      setStats(now);
      setConnected(true);
      setPoints((last) => joined(last, [now]));
    };
    stream.onerror = () => {
      setConnected(false);
      // Refused, not interrupted: whoever asks next finds out why.
      if (stream.readyState === EventSource.CLOSED) void readCurves(false);
    };
    return () => {
      wanted = false;
      clearInterval(timer);
      stream.close();
    };
  }, [ask, roomId]);
  return { stats, points, waits, connected };
}

/** In order of time, each moment once, and no older than what is shown. */
function joined(older: CurvePoint[], newer: CurvePoint[]): CurvePoint[] {
  const lastAt = Date.parse(newer.at(-1)?.at ?? older.at(-1)?.at ?? '');
  const firstNew = newer[0]?.at ?? '';
  return [...older.filter(({ at }) => firstNew === '' || at < firstNew), ...newer].filter(
    ({ at }) => Date.parse(at) > lastAt - SHOWN_MS,
  );
}
