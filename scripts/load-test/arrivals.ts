export const ARRIVAL_CURVES = ['burst', 'steady', 'ramp', 'wave'] as const;
export type ArrivalCurve = (typeof ARRIVAL_CURVES)[number];

/** Chance that can be repeated: the same seed gives the same numbers. */
export interface Chance {
  /** 0 to below 1. */
  next(): number;
  /** Whether something of this share happens. */
  is(share: number): boolean;
  /** From a gamma distribution of shape 2: most people are quick, some are slow, none is instant. */
  around(mean: number): number;
  between(from: number, to: number): number;
}

/** The generator mulberry32: 32 bits of state, good enough for crowds. */
export function createChance(seed: number): Chance {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    is: (share) => next() < share,
    around: (mean) => (-Math.log(1 - next()) - Math.log(1 - next())) * (mean / 2),
    between: (from, to) => from + next() * (to - from),
  };
}

/** Waves of a wave sale. */
const WAVES = 3;
/** In a burst, nearly all come in the first third: the minute the sale opens. */
const BURST_STEEPNESS = 6;

/**
 * When each buyer arrives, ms after the start, in order.
 *
 * burst: all at once, then fewer and fewer; steady: as many each second; ramp: more and more, as the opening
 * comes near; wave: in three swells.
 */
export function arrivalTimesMs(
  curve: ArrivalCurve,
  count: number,
  overMs: number,
  chance: Chance,
): number[] {
  const times = Array.from({ length: count }, () => overMs * shape(curve, chance.next()));
  return times.sort((a, b) => a - b);
}

/** The inverse of the curve's distribution: a share of the buyers to a share of the time. */
function shape(curve: ArrivalCurve, share: number): number {
  switch (curve) {
    case 'burst':
      return -Math.log(1 - share * (1 - Math.exp(-BURST_STEEPNESS))) / BURST_STEEPNESS;
    case 'steady':
      return share;
    case 'ramp':
      return Math.sqrt(share);
    default: {
      const wave = Math.min(WAVES - 1, Math.floor(share * WAVES));
      const within = share * WAVES - wave;
      // Each swell comes in the middle half of its part.
      return (wave + 0.25 + within / 2) / WAVES;
    }
  }
}
