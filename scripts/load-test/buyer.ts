import { documentOf, giveUp, type Holder, poll } from './holder.ts';
import type { Ask } from './http-client.ts';
import type { SeenPlace } from './observer.ts';
import { shop } from './shopping.ts';
import { askPatiently, seqOf, type Waiting, type World } from './world.ts';

/** What becomes of a buyer while waiting, decided at the door. */
type Fate = 'stays' | 'leaves' | 'vanishes' | 'goesAway';

/** Times of going away in graces: some are back in time, some too late. */
const AWAY_GRACES = { from: 0.2, to: 1.4 };
/** A fate strikes within this many think times. */
const FATE_THINKS = 5;
const RETURNS_MAX = 3;

/** One person, from the door to the ticket or back home. */
export async function visit(world: World, customerId: number, arrivesAtMs: number): Promise<void> {
  await world.naps.nap(arrivesAtMs - performance.now());
  let dueMs = Math.max(arrivesAtMs, 0);
  const fate = fateOf(world);
  const fateAtMs = dueMs + world.chance.between(0, FATE_THINKS) * world.options.think * 1_000;
  let seqBefore = 0;
  for (let entries = 0; entries < RETURNS_MAX; entries += 1) {
    if (world.naps.over || world.soldOut) return;
    const holder = await enter(world, customerId, dueMs);
    if (!holder) return;
    // The same place again: its buyer has been away.
    if (holder.place.seq === seqBefore) holder.place.pauseMaxMs = Number.POSITIVE_INFINITY;
    seqBefore = holder.place.seq;
    const [how, document] = await stand(world, holder, entries === 0 ? fate : 'stays', fateAtMs);
    world.observer.gone(holder.place);
    if (how === 'called') return shop(world, holder, document);
    if (how === 'home') return;
    const { from, to } = AWAY_GRACES;
    const awayMs = world.chance.between(from, to) * world.sale.graceSeconds * 1_000;
    dueMs = performance.now() + awayMs;
    await world.breaks.nap(awayMs);
  }
}

function fateOf({ chance, options }: World): Fate {
  const drawn = chance.next();
  if (drawn < options.leave) return 'leaves';
  if (drawn < options.leave + options.vanish) return 'vanishes';
  return drawn < options.leave + options.vanish + options.away ? 'goesAway' : 'stays';
}

interface Entered extends Holder {
  first: Waiting;
}

async function enter(
  world: World,
  customerId: number,
  dueMs: number,
): Promise<Entered | undefined> {
  const ask = (): Ask => ({
    method: 'POST',
    path: '/customer/waiting/enter',
    token: world.sale.customerToken(customerId),
    body: { customerId, roomId: world.sale.roomId },
  });
  const askedAtMs = performance.now();
  const first = documentOf(await askPatiently(world, 'enter', ask, dueMs));
  if (!first) return undefined;
  const place: SeenPlace = {
    customerId,
    seq: seqOf(first.token),
    enteredAtMs: askedAtMs,
    askedAtMs,
    seenAtMs: askedAtMs,
    lastNumber: first.waitingNumber || Number.POSITIVE_INFINITY,
    pauseMaxMs: 0,
    activeAtMs: undefined,
    goneAtMs: undefined,
    promise: undefined,
    overtaken: false,
  };
  world.observer.came(place);
  return { customerId, token: first.token, place, first };
}

/** Polls as told until something happens. */
async function stand(
  world: World,
  holder: Entered,
  fate: Fate,
  fateAtMs: number,
): Promise<['called' | 'home' | 'away', Waiting]> {
  const { naps, observer } = world;
  const { place } = holder;
  let document = holder.first;
  for (;;) {
    const now = performance.now();
    if (document.status === 'ACTIVE') {
      observer.sawActive(place, now + (document.remainingTime - 1) * 1_000);
      return ['called', document];
    }
    if (document.status === 'EXPIRED') {
      observer.lost(place);
      return ['home', document];
    }
    if (document.eta) place.promise ??= { atMs: now, ...document.eta };
    const fateNow = fate !== 'stays' && now >= fateAtMs;
    if (fateNow && fate === 'goesAway') return ['away', document];
    if (fateNow && fate === 'vanishes') return ['home', document];
    if (naps.over) return ['home', document];
    if (fateNow || world.soldOut) {
      await giveUp(world, holder);
      return ['home', document];
    }
    const dueMs = now + document.pollAfterMs;
    await naps.nap(document.pollAfterMs);
    if (naps.over) return ['home', document];
    const next = await poll(world, holder, dueMs);
    if (!next) return ['home', document];
    document = next;
  }
}
