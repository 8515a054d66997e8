import type { Services } from '../services.ts';
import type { AdmitReport } from '../waiting-room/admission.ts';

const ROOMS_PER_TICK_MAX = 5_000;
/** Rooms visited at the same time; their scripts share pipelines. */
const ROOMS_AT_ONCE = 64;
/** Rooms that may all have to be loaded from Postgres, whose connections are for requests first. */
const WALKED_AT_ONCE = 4;
/** Steps of 500 places that one round of upkeep walks in one room: 1,000,000 places take 100 s. */
const SWEEP_STEPS_MAX = 20;
const CHANGED_WITHIN_SECONDS = 30;
const APPLIED_MAX = 10_000;
/** Slots that end later than this are left to a later tick to wait for. */
const WAIT_FOR_END_MS = 1_000;
/** Past the deadline, as Redis sees it. */
const AFTER_END_MS = 1;

/** The recurring jobs of the waiting room. Running any of them twice, or in two processes, changes nothing. */
export interface RoomJobs {
  tickRooms(): Promise<void>;
  keepRooms(): Promise<void>;
  applySettings(): Promise<void>;
  walkRooms(): Promise<void>;
  /** Waits for no further slot to end. */
  stop(): void;
}

export function createRoomJobs(services: Services): RoomJobs {
  const { admission, busy, history, loader, rooms, logger } = {
    ...services.waitingRoom,
    logger: services.logger,
  };
  const sweepCursors = new Map<string, string>();
  /** At most one for each room with people. */
  const endings = new Map<string, NodeJS.Timeout>();
  /** Versions of settings that this process has seen in Redis; after a loss or a restart the walk loads each room anew. */
  const applied = new Map<string, number>();
  let stopped = false;

  /** @returns how many people have a place in the room */
  async function tick(roomId: string): Promise<number> {
    const report = await admission.tick(roomId);
    if (report.people > 0) busy.touch(roomId);
    waitForEnd(roomId, report);
    return report.people;
  }

  /** The next in line gets a slot that runs out at the moment it does, not a tick later. */
  function waitForEnd(roomId: string, report: AdmitReport): void {
    clearTimeout(endings.get(roomId));
    endings.delete(roomId);
    const { nextEndInMs, waiting, returning } = report;
    if (nextEndInMs === undefined || nextEndInMs > WAIT_FOR_END_MS) return;
    if (stopped || waiting + returning === 0) return;
    const timer = setTimeout(() => {
      tick(roomId).catch((error: unknown) => {
        logger.debug({ error, room: roomId }, 'a slot that ended waits for the next tick');
      });
    }, nextEndInMs + AFTER_END_MS);
    endings.set(roomId, timer);
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
  async function each(
    roomIds: string[],
    atOnce: number,
    work: (roomId: string) => Promise<unknown>,
  ): Promise<void> {
    let failed: { error: unknown } | undefined;
    for (let from = 0; from < roomIds.length; from += atOnce) {
      const results = await Promise.allSettled(roomIds.slice(from, from + atOnce).map(work));
      for (const [index, result] of results.entries()) {
        if (result.status === 'fulfilled') continue;
        failed ??= { error: result.reason };
        logger.debug({ error: result.reason, room: roomIds[from + index] }, 'room skipped');
      }
    }
    if (failed) throw failed.error;
  }

  return {
    tickRooms: async () => each(await busy.list(ROOMS_PER_TICK_MAX), ROOMS_AT_ONCE, tick),
    keepRooms: async () => each(await busy.list(ROOMS_PER_TICK_MAX), ROOMS_AT_ONCE, keep),
    async applySettings() {
      const changed = await rooms.changedWithin(
        CHANGED_WITHIN_SECONDS,
        ({ roomId, version }) => applied.get(roomId) === version,
      );
      if (applied.size + changed.length > APPLIED_MAX) applied.clear();
      for (const settings of changed) {
        await loader.apply(settings);
        applied.set(settings.roomId, settings.version);
      }
    },
    async walkRooms() {
      // A loaded room without people costs two short commands; the rest of the upkeep is for people.
      await each(await busy.find(await rooms.ids()), WALKED_AT_ONCE, async (roomId) => {
        if ((await tick(roomId)) > 0) await keep(roomId);
      });
    },
    stop() {
      stopped = true;
      for (const timer of endings.values()) clearTimeout(timer);
      endings.clear();
    },
  };
}
