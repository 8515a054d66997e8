import type { PlaceView } from '../../src/waiting-room/places.ts';
import { moveClock } from './clock.ts';
import type { Stack } from './stack.ts';

/** What tests do to a line again and again. */
export function lineHands(stack: () => Stack) {
  const room = () => stack().services.waitingRoom;
  const line = () => room().line;
  return {
    line,
    tick: (roomId: string) => room().admission.tick(roomId),
    /** Moves the clock of a line that was started with `MOVABLE_CLOCK`. */
    advance: (ms: number) => moveClock(stack().services.redis, ms),
    enter: (roomId: string, customers: number[]): Promise<PlaceView[]> =>
      Promise.all(customers.map((customerId) => line().enter({ roomId, customerId }))),
    /** Everybody polls once. */
    seen: (places: Pick<PlaceView, 'roomId' | 'customerId' | 'seq'>[]): Promise<PlaceView[]> =>
      Promise.all(places.map((place) => line().look(place))),
    /** 1 to `count`. */
    ids: (count: number): number[] => Array.from({ length: count }, (_, nth) => nth + 1),
  };
}
