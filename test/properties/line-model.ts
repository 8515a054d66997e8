import {
  lastMinute,
  type ModelLine,
  type ModelSettings,
  type Place,
  standing,
  stateOf,
  type Told,
  tell,
  wholeSeconds,
} from './line-model-state.ts';
import type { LineState } from './line-state.ts';

const ENDS = { paid: 1, left: 2, lapsed: 3, swept: 4, removed: 5 } as const;
const ADMIT_MAX = 250;
const POLLS_PER_GRACE = 8;

/**
 * The line as anybody would write it who has one thread and no Redis: a list of places, in order of joining.
 * Every act is what DESIGN says of it, at the moment `nowMs`.
 */
export function createLineModel(settings: ModelSettings, startMs: number) {
  const line: ModelLine = {
    ...{ settings, nowMs: startMs, lastSeq: 0, admitted: 0, entered: 0 },
    ...{ places: new Map(), ended: new Map(), admissionsMs: [] },
  };
  const { places, ended, admissionsMs } = line;
  const slots = () => standing(line, 'c', 's');
  const graceOver = (place: Place) => place.seenMs + settings.graceMs < line.nowMs;

  function bury(customer: number, seq: number, reason: number): void {
    const key = `${customer}:${seq}`;
    if (!ended.has(key)) ended.set(key, { reason, atMs: line.nowMs });
  }

  function end(place: Place, reason: number): void {
    places.delete(place.customer);
    bury(place.customer, place.seq, reason);
  }

  function grant(place: Place): void {
    Object.assign(place, {
      state: 'c',
      deadlineMs: line.nowMs + settings.claimMs,
      sinceMs: line.nowMs,
    });
    admissionsMs.push(line.nowMs);
    line.admitted += 1;
  }

  function slotFreeForNewcomer(): boolean {
    return (
      settings.state === 'OPEN' &&
      settings.opensAtMs <= line.nowMs &&
      standing(line, 'w', 'r').length === 0 &&
      slots().length < settings.capacity &&
      (settings.admitPerMinute === null || lastMinute(line).length < settings.admitPerMinute)
    );
  }

  function comeBack(place: Place): void {
    place.state = 'r';
    place.seenMs = wholeSeconds(line.nowMs) * 1_000;
  }

  /** A place that neither is here nor has ended was lost: it is served first. */
  function restore(customer: number, seq: number): void {
    if (seq === 0 || ended.has(`${customer}:${seq}`)) return;
    line.lastSeq = Math.max(line.lastSeq, seq);
    places.set(customer, {
      customer,
      seq,
      seenMs: wholeSeconds(line.nowMs) * 1_000,
      state: 'r',
      deadlineMs: 0,
      sinceMs: 0,
    });
  }

  function setAside(place: Place): void {
    if (graceOver(place)) end(place, ENDS.swept);
    else place.state = 'a';
  }

  const model = {
    settings,
    at: (ms: number) => {
      line.nowMs = ms;
    },

    /** @returns whether the place is given or kept; else why not */
    enter(customer: number): 'in' | 'ROOM_CLOSED' | 'ROOM_FULL' {
      const known = places.get(customer);
      if (known?.state === 's' && known.deadlineMs <= line.nowMs) end(known, ENDS.lapsed);
      else if (known && 'war'.includes(known.state) && graceOver(known)) end(known, ENDS.swept);
      if (places.has(customer)) return 'in';
      if (settings.state === 'CLOSED' || settings.closesAtMs <= line.nowMs) return 'ROOM_CLOSED';
      const atOnce = slotFreeForNewcomer();
      if (!atOnce && places.size - slots().length >= settings.waitingMax) return 'ROOM_FULL';
      line.lastSeq = Math.max(line.lastSeq + 1, line.nowMs * 1_000);
      line.entered += 1;
      const seenMs = wholeSeconds(line.nowMs) * 1_000;
      const place: Place = {
        ...{ customer, seq: line.lastSeq, seenMs, state: 'w' },
        ...{ deadlineMs: 0, sinceMs: 0 },
      };
      places.set(customer, place);
      if (atOnce) grant(place);
      return 'in';
    },

    look(customer: number, seq: number): Told {
      const place = places.get(customer);
      if (place && seq > place.seq) {
        // Who has a later place has ended the earlier one.
        end(place, ENDS.swept);
        restore(customer, seq);
      } else if (!place) restore(customer, seq);
      else if (seq === 0 || seq === place.seq) seen(place);
      // Whose place ends here is told of that place.
      return tell(line, customer, seq || (place?.seq ?? 0));
    },

    leave(customer: number, seq: number, reason: 'paid' | 'left' | 'removed'): boolean {
      const place = places.get(customer);
      const here = place && (seq === 0 || seq === place.seq);
      if (!here) {
        if (seq > 0) bury(customer, seq, ENDS[reason]);
        return false;
      }
      const hadSlot = 'cs'.includes(place.state);
      end(place, ENDS[reason]);
      if (hadSlot) model.admit(ADMIT_MAX, false);
      return true;
    },

    extend(customer: number, seq: number, holdMs: number): number | undefined {
      const place = places.get(customer);
      if (!place || place.seq !== seq || !'cs'.includes(place.state)) return undefined;
      if (place.deadlineMs <= line.nowMs) return undefined;
      if (place.state === 'c') claim(place);
      if (line.nowMs > place.sinceMs + settings.slotMs) return undefined;
      const needed = line.nowMs + holdMs;
      const moved = needed === place.deadlineMs ? needed + 1 : Math.max(place.deadlineMs, needed);
      place.deadlineMs = moved;
      return moved;
    },

    retract(customer: number, seq: number, fromMs: number, toMs: number): void {
      const place = places.get(customer);
      if (place?.seq === seq && place.deadlineMs === fromMs) place.deadlineMs = toMs;
    },

    /** @returns how many were called */
    admit(max: number, byHand: boolean): { called: number[]; settled: number } {
      const lapsed = slots()
        .filter((one) => one.deadlineMs <= line.nowMs)
        .sort((a, b) => a.deadlineMs - b.deadlineMs || (`${a.customer}` < `${b.customer}` ? -1 : 1))
        .slice(0, max);
      for (const one of lapsed) {
        if (one.state === 's') end(one, ENDS.lapsed);
        else setAside(one);
      }
      let free = settings.capacity - slots().length;
      if (!byHand) {
        const rate = settings.admitPerMinute;
        if (rate !== null) free = Math.min(free, rate - lastMinute(line).length);
        if (settings.state === 'PAUSED' || settings.opensAtMs > line.nowMs) free = 0;
      }
      const called: number[] = [];
      let settled = lapsed.length;
      for (const one of [...standing(line, 'r'), ...standing(line, 'w')].slice(0, max)) {
        if (called.length >= free) break;
        // The contact may have been as late as the end of the second that it is kept in.
        if (line.nowMs - one.seenMs - 1_000 > settings.graceMs / 2) {
          setAside(one);
          settled += 1;
        } else {
          grant(one);
          called.push(one.customer);
        }
      }
      return { called, settled };
    },

    admitByHand(count: number): number {
      let sum = 0;
      while (sum < count) {
        const { called, settled } = model.admit(count - sum, true);
        sum += called.length;
        if (called.length + settled === 0) break;
      }
      return sum;
    },

    sweep(): void {
      for (const place of standing(line, 'w', 'a', 'r'))
        if (graceOver(place)) end(place, ENDS.swept);
    },

    /** Redis forgets one place, or the counter. */
    forget(customer: number | undefined): void {
      if (customer === undefined) line.lastSeq = 0;
      else places.delete(customer);
    },

    state: (): LineState => stateOf(line),
  };

  function claim(place: Place): void {
    Object.assign(place, {
      state: 's',
      sinceMs: line.nowMs,
      deadlineMs: line.nowMs + settings.slotMs,
      seenMs: wholeSeconds(line.nowMs) * 1_000,
    });
  }

  /** The customer of this place looks at it. */
  function seen(place: Place): void {
    if ('cs'.includes(place.state)) {
      if (place.deadlineMs > line.nowMs) {
        if (place.state === 'c') claim(place);
      } else if (place.state === 'c') comeBack(place);
      else end(place, ENDS.lapsed);
      return;
    }
    if (graceOver(place)) end(place, ENDS.swept);
    else if (place.state === 'a') comeBack(place);
    else if (line.nowMs - place.seenMs > settings.graceMs / POLLS_PER_GRACE) {
      place.seenMs = wholeSeconds(line.nowMs) * 1_000;
    }
  }

  return model;
}

export type LineModel = ReturnType<typeof createLineModel>;
