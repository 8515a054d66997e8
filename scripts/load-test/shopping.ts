import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { giveUp, type Holder, poll } from './holder.ts';
import type { Answer, Ask } from './http-client.ts';
import type { Visit } from './observer.ts';
import { askOnce, askPatiently, type Waiting, type World } from './world.ts';

const seatMap = z.object({
  seats: z.array(z.object({ seatId: z.number(), status: z.string() })),
});
const held = z.object({ reservationId: z.number(), total: z.number(), remainingTime: z.number() });
const refused = z.object({ seats: z.array(z.object({ seatId: z.number() })) });
const paid = z.object({ tickets: z.array(z.object({ seatId: z.number() })) });

/** How many seats people want: one, two, three or four, with these weights summed up. */
const WANTED = [0.35, 0.8, 0.9, 1];
/** Of the free seats, people look at the best ones: this share from the front. */
const FAVOURITES = 0.4;
const TRIES_MAX = 12;
/** Shares of the think time: choosing, choosing again after a collision, paying. */
const CHOOSE = 0.5;
const CHOOSE_AGAIN = 0.1;
const PAY = 0.5;
/** Of those who give a hold up: half say so, half just close the tab. */
const SAYS_SO = 0.5;
const LOOKS_AT_TICKETS = 0.3;

interface Shopper {
  world: World;
  holder: Holder;
  visit: Visit;
  /** When the page last asked about the slot. */
  nextPollMs: number;
  slotEndsMs: number;
}

/** Everything that a buyer does in a slot; leaves it in some way. */
export async function shop(world: World, holder: Holder, first: Waiting): Promise<void> {
  const now = performance.now();
  const { seq, enteredAtMs } = holder.place;
  const visit: Visit = {
    seq,
    enteredAtMs,
    calledAtMs: now,
    plannedMs: 0,
    soldAtMs: undefined,
    abandoned: false,
  };
  world.observer.visits.push(visit);
  const shopper: Shopper = {
    world,
    holder,
    visit,
    nextPollMs: now + first.pollAfterMs,
    slotEndsMs: now + first.remainingTime * 1_000,
  };
  if (!world.sale.paidUp(holder.customerId)) await topUp(shopper, world.sale.price * WANTED.length);
  await think(shopper, CHOOSE);
  const hold = await chooseSeats(shopper);
  if (hold === 'gone') return;
  if (!hold || !(await buy(shopper, hold))) await giveUp(world, holder);
}

/** Looks at the map and tries until seats are held; undefined when there are none to have. */
async function chooseSeats(shopper: Shopper): Promise<Hold | 'gone' | undefined> {
  const { world, holder } = shopper;
  const wanted = 1 + WANTED.findIndex((share) => world.chance.next() < share || share === 1);
  // The map is up to a second old: nobody tries a seat again that was just refused.
  const taken = new Set<number>();
  for (let tries = 0; tries < TRIES_MAX && !world.naps.over; tries += 1) {
    const map = await readMap(world);
    const free = map
      .filter((seat) => seat.status === 'AVAILABLE' && !taken.has(seat.seatId))
      .map((seat) => seat.seatId);
    if (free.length === 0) {
      if (!map.some((seat) => seat.status !== 'SOLD')) return undefined;
      taken.clear();
      await think(shopper, CHOOSE_AGAIN);
      continue;
    }
    const seats = pick(world, free, wanted);
    const answer = await reserve(shopper, seats);
    if (answer?.status === 200) {
      const hold = { seats, ...held.parse(answer.body) };
      const endsMs = performance.now() + hold.remainingTime * 1_000;
      shopper.slotEndsMs = Math.max(shopper.slotEndsMs, endsMs);
      world.observer.sawActive(holder.place, shopper.slotEndsMs - 1_000);
      return (await abandons(shopper, hold)) ?? hold;
    }
    if (answer?.code === 'ALREADY_TAKEN') {
      world.observer.collided();
      for (const seat of refused.parse(answer.body).seats) taken.add(seat.seatId);
    } else if (answer?.code === 'OUT_OF_BUDGET')
      await topUp(shopper, world.sale.price * seats.length);
    else return undefined;
    await think(shopper, CHOOSE_AGAIN);
  }
  return undefined;
}

interface Hold {
  seats: number[];
  reservationId: number;
  total: number;
}

async function readMap(world: World): Promise<z.infer<typeof seatMap>['seats']> {
  const { concertId, optionId } = world.sale;
  const path = `/concerts/${concertId}/options/${optionId}/seats`;
  const answer = await askPatiently(
    world,
    'seats',
    () => ({ method: 'GET', path }),
    performance.now(),
  );
  return answer?.status === 200 ? seatMap.parse(answer.body).seats : [];
}

/** Some of the best seats, side by side where they are free. */
function pick({ chance }: World, free: number[], wanted: number): number[] {
  const favourites = Math.max(wanted, Math.ceil(free.length * FAVOURITES));
  const from = Math.floor(chance.next() * Math.max(1, favourites - wanted + 1));
  return free.slice(from, from + wanted);
}

function reserve({ world, holder }: Shopper, seats: number[]): Promise<Answer | undefined> {
  const { concertId, optionId } = world.sale;
  const { customerId } = holder;
  const key = randomUUID();
  const ask = (): Ask => ({
    method: 'POST',
    path: '/reservation/reserve',
    token: holder.token,
    headers: { 'idempotency-key': key },
    body: {
      reserver: { customerId, reserverName: `Buyer ${customerId}` },
      concertId,
      performances: seats.map((seatId) => ({ optionId, seatId })),
    },
  });
  return askPatiently(world, 'reserve', ask, performance.now());
}

/** Gives the hold up, for some buyers: with a word or by closing the tab. */
async function abandons(shopper: Shopper, hold: Hold): Promise<'gone' | undefined> {
  const { world, holder, visit } = shopper;
  if (!world.chance.is(world.options.abandon)) return undefined;
  await think(shopper, PAY);
  if (!world.chance.is(SAYS_SO)) {
    // Nobody tells the room: the slot is theirs until its deadline.
    visit.abandoned = true;
    visit.plannedMs += Math.max(0, shopper.slotEndsMs - performance.now());
    return 'gone';
  }
  const path = `/reservation/${hold.reservationId}`;
  await askOnce(
    world,
    'cancel',
    { method: 'DELETE', path, token: holder.token },
    performance.now(),
  );
  await giveUp(world, holder);
  return 'gone';
}

/** Pays the hold; false when it is over. */
async function buy(shopper: Shopper, hold: Hold): Promise<boolean> {
  const { world, holder, visit } = shopper;
  await think(shopper, PAY);
  const { customerId } = holder;
  const key = randomUUID();
  const ask = (): Ask => ({
    method: 'POST',
    path: '/reservation/pay',
    token: holder.token,
    headers: { 'idempotency-key': key },
    body: {
      customerId,
      pay: [{ payMethod: 'POINT', payAmount: hold.total }],
      reservationId: hold.reservationId,
    },
  });
  world.observer.givesBack(holder.place);
  const answer = await askPatiently(world, 'pay', ask, performance.now());
  if (answer?.status !== 200) return false;
  visit.soldAtMs = performance.now();
  const { tickets } = paid.parse(answer.body);
  const seats = tickets.map((ticket) => ticket.seatId);
  world.observer.bought(customerId, world.sale.optionId, seats);
  if (world.chance.is(LOOKS_AT_TICKETS)) {
    const list: Ask = { method: 'GET', path: '/reservation', token: holder.token };
    await askOnce(world, 'tickets', list, performance.now());
  }
  return true;
}

async function topUp({ world, holder }: Shopper, amount: number): Promise<void> {
  const { customerId, token } = holder;
  const key = randomUUID();
  const ask = (): Ask => ({
    method: 'POST',
    path: '/customer/point/charge',
    token,
    headers: { 'idempotency-key': key },
    body: { customerId, amount },
  });
  await askPatiently(world, 'charge', ask, performance.now());
}

/** Thinks for a share of the think time, while the page polls as told. */
async function think(shopper: Shopper, share: number): Promise<void> {
  const { world, holder, visit } = shopper;
  const ms = world.chance.around(world.options.think * 1_000 * share);
  visit.plannedMs += ms;
  const untilMs = performance.now() + ms;
  while (!world.naps.over) {
    const next = Math.min(untilMs, shopper.nextPollMs);
    await world.naps.nap(next - performance.now());
    if (next === untilMs || world.naps.over) return;
    const document = await poll(world, holder, shopper.nextPollMs);
    shopper.nextPollMs = performance.now() + (document?.pollAfterMs ?? 5_000);
  }
}
