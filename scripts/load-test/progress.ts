import type { World } from './world.ts';

/** The live line in the terminal; in a log, a line every few seconds. */
export interface Progress {
  /** Once a second. */
  tick(): void;
  end(): void;
}

const LOG_EVERY_SECONDS = 5;

export function createProgress(world: World, quiet: boolean): Progress {
  const { recorder, observer } = world;
  const live = process.stderr.isTTY;
  let seconds = 0;

  return {
    tick() {
      seconds += 1;
      const waiting = observer.waiting();
      const shopping = observer.shopping();
      const sold = observer.soldSeats();
      recorder.tick({ waiting, shopping, sold });
      if (quiet || (!live && seconds % LOG_EVERY_SECONDS !== 1)) return;
      const perSecond = recorder.timeline.at(-1)?.answers ?? 0;
      const text =
        `${String(seconds).padStart(4)} s  entered ${observer.counts.entered}  waiting ${waiting}  ` +
        `shopping ${shopping}  sold ${sold}/${world.options.seats}  ${perSecond} answers/s  errors ${recorder.errors()}`;
      process.stderr.write(live ? `\r\x1b[2K${text}` : `${text}\n`);
    },
    end() {
      if (live && !quiet) process.stderr.write('\n');
    },
  };
}
