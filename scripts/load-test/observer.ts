/** One place as its buyer saw it; times are performance.now() of the load test. */
export interface SeenPlace {
  customerId: number;
  seq: number;
  enteredAtMs: number;
  /** When the question under way was sent. */
  askedAtMs: number;
  /** When the last question that was answered was sent: the server saw the buyer then or later. */
  seenAtMs: number;
  lastNumber: number;
  /** The longest the server can have gone without a sight of the waiting buyer; short for who asks as told and is answered at once. */
  pauseMaxMs: number;
  /** Undefined until the buyer saw its slot. */
  activeAtMs: number | undefined;
  /** When the buyer stopped standing in line, for whatever reason. */
  goneAtMs: number | undefined;
  /** What was promised first, and when. */
  promise: { atMs: number; p50: number; p90: number } | undefined;
  overtaken: boolean;
}

/** One person's time in a slot, planned: what the room would need if it lost no time itself. */
export interface Visit {
  seq: number;
  enteredAtMs: number;
  calledAtMs: number;
  /** Think time, up to the end of the slot for who closes the tab. */
  plannedMs: number;
  /** When the purchase was confirmed. */
  soldAtMs: number | undefined;
  /** Kept by a closed tab until the deadline: nobody needs to see its end. */
  abandoned: boolean;
}

/** What the buyers saw of the guarantees; nothing here asks the server whether it kept them. */
export interface Observer {
  places: readonly SeenPlace[];
  visits: Visit[];
  counts: ObservedCounts;
  /** Somebody has a place. */
  came(place: SeenPlace): void;
  /** Somebody stands in line no longer, for whatever reason. */
  gone(place: SeenPlace): void;
  /** A question of this place goes out: what is known now must not be contradicted by its answer. */
  asks(place: SeenPlace): number;
  /** The question was answered with the place. */
  answered(place: SeenPlace): void;
  /** @param calledBefore what `asks` returned */
  sawWaiting(place: SeenPlace, number: number, recovering: boolean, calledBefore: number): void;
  /** @param untilMs how long the slot is surely held, if it is not given back before */
  sawActive(place: SeenPlace, untilMs: number): void;
  /** The slot is given back by a request that is about to be sent. */
  givesBack(place: SeenPlace): void;
  /** A buyer who asked as told was told that the place is over. */
  lost(place: SeenPlace): void;
  bought(customerId: number, optionId: number, seats: readonly number[]): void;
  collided(): void;
  /** Seats that somebody was told are theirs. */
  soldSeats(): number;
  /** Places whose buyers were surely present all the time: of others, order and numbers prove nothing. */
  judged(): number;
  shopping(): number;
  waiting(): number;
}

export interface ObservedCounts {
  entered: number;
  /** Slots that were surely held at the same time, at most. */
  shoppingMax: number;
  soldTwice: number;
  purchases: number;
  collisions: number;
  /** Present people who still waited when somebody behind them had already been let in. */
  inversions: number;
  /** Answers whose number was above an earlier one of the same place. */
  numberRises: number;
  lostPlaces: number;
}

/** @param presentWithinMs the server may take for absent who it did not see for longer */
export function createObserver(presentWithinMs: number): Observer {
  const owners = new Map<string, number>();
  const standing = new Set<SeenPlace>();
  const holding = new Map<SeenPlace, number>();
  const counts: ObservedCounts = {
    entered: 0,
    shoppingMax: 0,
    soldTwice: 0,
    purchases: 0,
    collisions: 0,
    inversions: 0,
    numberRises: 0,
    lostPlaces: 0,
  };
  /** The latest place known to have been called. */
  let calledSeqMax = 0;

  const present = (place: SeenPlace): boolean => place.pauseMaxMs <= presentWithinMs;

  function unseen(place: SeenPlace): void {
    if (place.activeAtMs !== undefined) return;
    place.pauseMaxMs = Math.max(place.pauseMaxMs, performance.now() - place.seenAtMs);
  }

  const places: SeenPlace[] = [];
  return {
    places,
    visits: [],
    counts,
    came(place) {
      places.push(place);
      standing.add(place);
      counts.entered += 1;
    },
    gone(place) {
      place.goneAtMs = performance.now();
      standing.delete(place);
    },
    asks(place) {
      place.askedAtMs = performance.now();
      unseen(place);
      return calledSeqMax;
    },
    answered(place) {
      unseen(place);
      place.seenAtMs = place.askedAtMs;
    },
    sawWaiting(place, number, recovering, calledBefore) {
      // The answer was made after the question, and the question was asked after somebody later was in.
      if (!place.overtaken && calledBefore > place.seq && present(place) && !recovering) {
        place.overtaken = true;
        counts.inversions += 1;
      }
      if (recovering || number === 0) return;
      if (number > place.lastNumber && present(place)) counts.numberRises += 1;
      place.lastNumber = number;
    },
    sawActive(place, untilMs) {
      const now = performance.now();
      place.activeAtMs ??= now;
      calledSeqMax = Math.max(calledSeqMax, place.seq);
      for (const [other, endsAtMs] of holding) if (endsAtMs < now) holding.delete(other);
      holding.set(place, untilMs);
      counts.shoppingMax = Math.max(counts.shoppingMax, holding.size);
    },
    givesBack(place) {
      holding.delete(place);
    },
    lost(place) {
      if (present(place)) counts.lostPlaces += 1;
    },
    bought(customerId, optionId, seats) {
      counts.purchases += 1;
      for (const seat of seats) {
        const key = `${optionId}:${seat}`;
        const owner = owners.get(key);
        if (owner === undefined) owners.set(key, customerId);
        else if (owner !== customerId) counts.soldTwice += 1;
      }
    },
    collided() {
      counts.collisions += 1;
    },
    soldSeats: () => owners.size,
    judged: () => places.filter(present).length,
    shopping: () => holding.size,
    waiting: () => standing.size,
  };
}
