import type { Services } from '../services.ts';

const ROOMS_PER_TICK_MAX = 5_000;
/** Rooms visited at the same time; their scripts share pipelines. */
const ROOMS_AT_ONCE = 64;
/** Steps of 500 places that one round of upkeep walks in one room: 1,000,000 places take 100 s. */
const SWEEP_STEPS_MAX = 20;
const CHANGED_WITHIN_SECONDS = 30;

/** The recurring jobs of the waiting room. Running any of them twice, or in two processes, changes nothing. */
export interface RoomJobs {
  tickRooms(): Promise<void>;
  keepRooms(): Promise<void>;
  applySettings(): Promise<void>;
  walkRooms(): Promise<void>;
}

export function createRoomJobs(services: Services): RoomJobs {
  const { admission, busy, history, loader, rooms, logger } = {
    ...services.waitingRoom,
    logger: services.logger,
  };
  const sweepCursors = new Map<string, string>();

  async function tick(roomId: string): Promise<void> {
    const report = await admission.tick(roomId);
    if (report.waiting + report.returning + report.active > 0) busy.touch(roomId);
  }

  async function keep(roomId: string): Promise<void> {
    let cursor = sweepCursors.get(roomId) ?? '0';
    let recovering = false;
    for (let steps = 0; steps < SWEEP_STEPS_MAX; steps += 1) {
      const step = await admission.sweepStep(roomId, cursor);
      cursor = step.cursor;
      recovering = step.recovering;
      if (cursor === '0') break;
    }
    if (cursor === '0') sweepCursors.delete(roomId);
    else sweepCursors.set(roomId, cursor);
    if (recovering) await loader.reloadRecord(roomId);
    await admission.measure(roomId);
    await history.copyEnds(roomId);
  }

  /** One room's failure is its own; the first is thrown on after all rooms had their turn. */
  async function each(roomIds: string[], work: (roomId: string) => Promise<void>): Promise<void> {
    let failed: { error: unknown } | undefined;
    for (let from = 0; from < roomIds.length; from += ROOMS_AT_ONCE) {
      const results = await Promise.allSettled(roomIds.slice(from, from + ROOMS_AT_ONCE).map(work));
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled') continue;
        failed ??= { error: result.reason };
        logger.debug({ error: result.reason, room: roomIds[from + index] }, 'room skipped');
      }
    }
    if (failed) throw failed.error;
  }

  return {
    tickRooms: async () => each(await busy.list(ROOMS_PER_TICK_MAX), tick),
    keepRooms: async () => each(await busy.list(ROOMS_PER_TICK_MAX), keep),
    async applySettings() {
      for (const settings of await rooms.changedWithin(CHANGED_WITHIN_SECONDS)) {
        await loader.apply(settings);
      }
    },
    async walkRooms() {
      const all = (await rooms.list()).map((room) => room.roomId);
      await each(all, tick);
      await each(all, keep);
    },
  };
}
