import { call, type Problem, ProblemError } from '../base/api.ts';
import { keptCustomer } from '../base/kept-customer.ts';
import { type KeptPlace, keptPlace } from '../base/kept-place.ts';
import type { Place } from './documents.ts';

export type Phase = 'joining' | 'loading' | 'waiting' | 'turn' | 'ended';

/** What the page draws. */
export interface LineState {
  phase: Phase;
  place: Place | undefined;
  /** The number before the last poll; 0 when there was none. */
  previousNumber: number;
  firstNumber: number;
  /** 0 to 1; never falls while the place lives. */
  progress: number;
  /** Why joining was refused. */
  refusal: Problem | undefined;
  /** When joining is tried again by itself, in seconds. */
  retrySeconds: number | undefined;
  /** The last poll had no answer. */
  offline: boolean;
  /** The place ended because the person left. */
  left: boolean;
}

/** One browser's place in one room: joins, polls as the server paces it, and keeps the place over everything. */
export interface LineOfRoom {
  state(): LineState;
  onChange(callback: () => void): void;
  /** Takes up the kept place. @param fromCookie the place was given to the room cookie by a form */
  start(fromCookie: boolean): void;
  join(customerId: number): Promise<void>;
  leave(): Promise<void>;
  /** Polls at once: the person looks, or the network is back. */
  hurry(): void;
}

const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 20_000;
/** A poll younger than this is fresh enough for who comes back to the tab. */
const FRESH_MS = 900;
const AT_FIRST: LineState = {
  phase: 'joining',
  place: undefined,
  previousNumber: 0,
  firstNumber: 0,
  progress: 0,
  refusal: undefined,
  retrySeconds: undefined,
  offline: false,
  left: false,
};

export function createLineOfRoom(roomId: string): LineOfRoom {
  const kept = keptPlace(roomId);
  let state = AT_FIRST;
  let changed = (): void => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let polling = false;
  let polledAt = Number.NEGATIVE_INFINITY;
  let failures = 0;

  function show(change: Partial<LineState>): void {
    state = { ...state, ...change };
    changed();
  }

  function again(afterMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(poll, afterMs);
  }

  function accept(place: Place): void {
    failures = 0;
    polledAt = performance.now();
    const before = state.place?.waitingNumber ?? 0;
    const { phase, firstNumber, progress } = standing(place, state);
    const same = { place, phase, firstNumber, progress, offline: false, refusal: undefined };
    show({ ...same, previousNumber: before, retrySeconds: undefined });
    if (phase === 'ended') {
      kept.clear();
      clearTimeout(timer);
      return;
    }
    const who = { customerId: place.customerId, token: place.token };
    keptCustomer.write(who);
    kept.write({ ...who, firstNumber, progress });
    again(place.pollAfterMs);
  }

  async function poll(): Promise<void> {
    const token = kept.read()?.token ?? state.place?.token;
    if (polling || !token) return;
    polling = true;
    try {
      accept(await call<Place>('/customer/waiting', { token }));
    } catch (error) {
      missed(error);
    } finally {
      polling = false;
    }
  }

  /** No answer leaves the place where it is; a token that is refused speaks for no place any more. */
  function missed(error: unknown): void {
    if (!(error instanceof ProblemError)) throw error;
    const { status, code } = error.problem;
    if (status === 401 || code === 'ROOM_NOT_FOUND') {
      kept.clear();
      show({ ...AT_FIRST, phase: 'ended' });
      return;
    }
    failures += 1;
    show({ offline: status === 0 || status >= 500 });
    const backoffMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (failures - 1));
    again(Math.max((error.retryAfterSeconds ?? 0) * 1_000, backoffMs * (0.5 + Math.random())));
  }

  async function join(customerId: number): Promise<void> {
    clearTimeout(timer);
    show({ ...AT_FIRST, phase: 'loading' });
    try {
      const body = { customerId, roomId };
      accept(await call<Place>('/customer/waiting/enter', { method: 'POST', body }));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { problem, retryAfterSeconds } = error;
      const full = problem.code === 'ROOM_FULL';
      const retrySeconds = full
        ? Math.ceil((retryAfterSeconds ?? 30) * (1 + Math.random()))
        : undefined;
      show({ phase: 'joining', refusal: problem, retrySeconds });
      if (retrySeconds) timer = setTimeout(() => void join(customerId), retrySeconds * 1_000);
    }
  }

  /** A place that a form gave to the cookie: the answer carries the token. */
  async function fromCookie(): Promise<void> {
    try {
      accept(await call<Place>(`/customer/waiting?roomId=${encodeURIComponent(roomId)}`));
    } catch {
      show({ phase: 'joining' });
    }
  }

  function takeUp(place: KeptPlace | undefined): void {
    if (!place) {
      show({ ...AT_FIRST, phase: state.phase === 'ended' ? 'ended' : 'joining' });
      return;
    }
    show({ ...AT_FIRST, phase: 'loading', ...pick(place) });
    void poll();
  }

  kept.onChange(() => {
    const place = kept.read();
    // Another tab has polled, maybe with a renewed token: the same place.
    if (place && place.customerId === state.place?.customerId) return;
    takeUp(place);
  });

  return {
    state: () => state,
    onChange(callback) {
      changed = callback;
    },
    start(givenToCookie) {
      if (!givenToCookie) return takeUp(kept.read());
      show({ phase: 'loading' });
      void fromCookie();
    },
    join,
    async leave() {
      const token = kept.read()?.token;
      try {
        if (token) await call<void>('/customer/waiting', { method: 'DELETE', token });
      } catch (error) {
        missed(error);
        return;
      }
      clearTimeout(timer);
      kept.clear();
      show({ ...AT_FIRST, phase: 'ended', left: true });
    },
    hurry() {
      if (performance.now() - polledAt > FRESH_MS) void poll();
    },
  };
}

const pick = ({ firstNumber, progress }: KeptPlace) => ({ firstNumber, progress });

/** How far a place has come. A number of 0 (recovering, or a turn) says nothing about the way. */
function standing(
  place: Place,
  before: Pick<LineState, 'firstNumber' | 'progress'>,
): Pick<LineState, 'phase' | 'firstNumber' | 'progress'> {
  if (place.status === 'EXPIRED') return { phase: 'ended', firstNumber: 0, progress: 0 };
  if (place.status === 'ACTIVE') return { ...before, phase: 'turn', progress: 1 };
  const { waitingNumber } = place;
  const firstNumber = before.firstNumber || waitingNumber;
  const way = waitingNumber ? (firstNumber - waitingNumber + 1) / (firstNumber + 1) : 0;
  return { phase: 'waiting', firstNumber, progress: Math.max(before.progress, way) };
}
