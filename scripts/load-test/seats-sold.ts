import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { World } from './world.ts';

/** A map is at most a second old: this long after the last payment every sale is on it. */
const MAP_DELAY_MS = 1_200;
const TRIES_MAX = 5;

const map = z.object({ seats: z.array(z.object({ status: z.string() })) });

/** Seats that are sold by the map; undefined when the server has no time for it. */
export async function seatsSold({ client, sale }: World): Promise<number | undefined> {
  const path = `/concerts/${sale.concertId}/options/${sale.optionId}/seats`;
  const answer = await client.ask({ method: 'GET', path });
  if (answer.status !== 200) return undefined;
  return map.parse(answer.body).seats.filter((seat) => seat.status === 'SOLD').length;
}

/** The same after the last payment: a server that is still busy is asked again, unless the run was to end. */
export async function seatsSoldAtLast(
  world: World,
  cutShort: boolean,
): Promise<number | undefined> {
  for (let tries = cutShort ? 1 : TRIES_MAX; tries > 0; tries -= 1) {
    await delay(MAP_DELAY_MS);
    const sold = await seatsSold(world);
    if (sold !== undefined) return sold;
  }
  return undefined;
}
