import type { Metrics } from './platform/metrics.ts';
import type { WaitingRoom } from './waiting-room/index.ts';
import type { RoomStats } from './waiting-room/stats.ts';

/** Rooms shown at a scrape: those with people in them, and no more, so that series stay few. */
const ROOMS_SHOWN_MAX = 50;

/** Brings the gauges of the busy rooms up to date; a room that has become idle leaves them. */
export async function collectRoomMetrics(
  metrics: Metrics,
  { busy, stats }: Pick<WaitingRoom, 'busy' | 'stats'>,
): Promise<void> {
  const rooms = await busy.list(ROOMS_SHOWN_MAX);
  const read = await Promise.all(
    rooms.map(async (room) => {
      const [now, open] = await Promise.all([stats.read(room), stats.admits(room)]);
      return { ...now, open };
    }),
  );
  for (const gauge of Object.values(metrics.rooms)) gauge.reset();
  rooms.forEach((room, nth) => {
    const now = read[nth];
    if (now) show(metrics, room, now);
  });
}

/** What nobody can tell yet is not shown, rather than shown as 0. */
function show({ rooms }: Metrics, room: string, now: RoomStats & { open: boolean }): void {
  for (const state of ['waiting', 'returning', 'active'] as const) {
    rooms.people.set({ room, state }, now[state]);
  }
  rooms.capacity.set({ room }, now.capacity);
  rooms.admittedPerMinute.set({ room }, now.admittedPerMinute);
  rooms.pollsPerSecond.set({ room }, now.pollsPerSecond);
  rooms.open.set({ room }, now.open && !now.recovering ? 1 : 0);
  rooms.oldestWaitSeconds.set({ room }, now.oldestWaitSeconds);
  rooms.recovering.set({ room }, now.recovering ? 1 : 0);
  if (now.eta) {
    rooms.etaSeconds.set({ room, quantile: '0.5' }, now.eta.p50);
    rooms.etaSeconds.set({ room, quantile: '0.9' }, now.eta.p90);
  }
  if (now.etaCoverage !== null) rooms.etaCoverage.set({ room }, now.etaCoverage);
  for (const [quantile, ms] of [
    ['0.5', now.slotIdleMs.p50],
    ['0.99', now.slotIdleMs.p99],
  ] as const) {
    if (ms !== null) rooms.slotIdleSeconds.set({ room, quantile }, ms / 1_000);
  }
}
