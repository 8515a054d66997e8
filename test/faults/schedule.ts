import { createRandom } from './random.ts';

/** What goes wrong. Those that cost the room its memory come half as often: nobody is let in for seconds then. */
export const FAULT_WEIGHTS = {
  'api killed': 2,
  'worker killed': 2,
  'api frozen': 2,
  'worker frozen': 2,
  'redis flushed': 1,
  'redis restarted with its file': 1,
  'redis restarted without its file': 1,
  'redis full': 2,
  'postgres killed': 2,
  'connections cut': 2,
  'replies slow': 2,
  'replies lost': 2,
  'clock of an api shifted': 2,
} as const;

export type FaultKind = keyof typeof FAULT_WEIGHTS;

const KINDS = [
  'api killed',
  'worker killed',
  'api frozen',
  'worker frozen',
  'redis flushed',
  'redis restarted with its file',
  'redis restarted without its file',
  'redis full',
  'postgres killed',
  'connections cut',
  'replies slow',
  'replies lost',
  'clock of an api shifted',
] as const satisfies readonly FaultKind[];

/** One fault: what, to which of the processes or servers, how long and how hard. */
export interface Fault {
  kind: FaultKind;
  /** Index of the API or worker process. */
  process: number;
  server: 'redis' | 'postgres';
  durationMs: number;
  /** Delay of replies, or shift of a clock, ms. */
  strengthMs: number;
  /** Quiet time before it. */
  pauseMs: number;
}

const DURATION_MS = { min: 300, max: 1_000 };
const PAUSE_MS = { min: 30, max: 200 };
const SLOW_MS = { min: 20, max: 300 };
const SHIFT_MS = { min: 60_000, max: 86_400_000 };

/** Faults without end: rounds in which every kind has its turn. The same seed gives the same schedule. */
export function* faultSchedule(seed: number): Generator<Fault, never> {
  const random = createRandom(seed);
  const round = KINDS.flatMap((kind) =>
    Array.from({ length: FAULT_WEIGHTS[kind] }, (): FaultKind => kind),
  );
  for (;;) {
    for (const kind of random.shuffled(round)) {
      const shift = random.between(SHIFT_MS.min, SHIFT_MS.max) * random.pick([-1, 1]);
      yield {
        kind,
        process: random.between(0, 1),
        server: random.pick(['redis', 'postgres']),
        durationMs: random.between(DURATION_MS.min, DURATION_MS.max),
        strengthMs: kind === 'replies slow' ? random.between(SLOW_MS.min, SLOW_MS.max) : shift,
        pauseMs: random.between(PAUSE_MS.min, PAUSE_MS.max),
      };
    }
  }
}
