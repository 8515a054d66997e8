import { setTimeout as delay } from 'node:timers/promises';
import { enter, leave, type Place, untilActive } from './buyer-line.ts';
import { shop } from './buyer-shop.ts';
import type { Client } from './client.ts';
import type { Random } from './random.ts';
import type { Told } from './told.ts';

/** Somebody who buys under several names, with what is needed to do so and to keep account of it. */
export interface Buyer {
  client: Client;
  random: Random;
  /** By customer. */
  told: Map<number, Told>;
  stopping(): boolean;
  /** Says what must not be. */
  complain(text: string): void;
  /** Whether Redis lost its memory after this moment of the harness' clock. */
  lossSince(atMs: number): boolean;
  /** A seat was held by a request sent then, and paid. */
  onSale(reserveSentAtMs: number): void;
}

/** Buys until told to stop. */
export async function buy(buyer: Buyer, roomId: string): Promise<void> {
  while (!buyer.stopping()) {
    const told = buyer.random.pick([...buyer.told.values()]);
    const first = await enter(buyer, told.customerId, roomId);
    const place: Place | undefined = first && (await untilActive(buyer, first));
    if (place && !buyer.stopping()) await shop(buyer, told, place);
    await delay(buyer.random.between(10, 100));
  }
}

/** Only waits: enters, gets a slot, gives it back. */
export async function wait(buyer: Buyer, roomId: string): Promise<void> {
  while (!buyer.stopping()) {
    const told = buyer.random.pick([...buyer.told.values()]);
    const first = await enter(buyer, told.customerId, roomId);
    const place = first && (await untilActive(buyer, first));
    if (place) {
      await delay(buyer.random.between(100, 2_000));
      if (buyer.random.next() < 0.7) await leave(buyer, place);
    }
    await delay(buyer.random.between(100, 1_000));
  }
}
