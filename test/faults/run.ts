import { setTimeout as delay } from 'node:timers/promises';
import { type Buyer, buy, wait } from './buyer.ts';
import { createClient, type InFlight } from './client.ts';
import { operate, retryOutbox } from './operator.ts';
import { createRandom } from './random.ts';
import { createReport, type FinishedReport } from './report.ts';
import { type Fault, faultSchedule } from './schedule.ts';
import { losesMemory, strike } from './strike.ts';
import { CUSTOMERS, RATED_ROOM, ROOM, type System } from './system.ts';
import { createTold } from './told.ts';
import { askAgain, compareWithStored } from './verify.ts';
import { startWatch } from './watch.ts';

const BUYERS = 60;
const WAITERS = 10;
const NAMES_PER_BUYER = CUSTOMERS / (BUYERS + WAITERS);
/** A fault waits so long for a reserve or a pay to be on its way. */
const STRIKE_PATIENCE_MS = 3_000;
/** Without a sale for so long the run goes on, and says so. */
const SALE_PATIENCE_MS = 60_000;
/** Time for what is on its way to arrive, and for holds to run out, before histories are compared. */
const SETTLE_MS = 4_000;

/**
 * Lets buyers do everything, faults strike, and looks on; then compares what everybody was told with what is
 * stored.
 *
 * @param saleWithinMs after each fault a sale must succeed within this
 */
export async function runFaults(
  system: System,
  options: { forMs: number; seed: number; saleWithinMs: number; say: (text: string) => void },
): Promise<FinishedReport> {
  const report = createReport(options.seed);
  const inFlight: InFlight = { reserve: 0, pay: 0 };
  let stopping = false;
  let lossAtMs = 0;
  let lastSaleAskedAtMs = 0;
  const buyers = Array.from({ length: BUYERS + WAITERS }, (_, nth): Buyer => {
    const random = createRandom(options.seed * 1_000 + nth);
    const ids = Array.from(
      { length: NAMES_PER_BUYER },
      (_, name) => nth * NAMES_PER_BUYER + name + 1,
    );
    return {
      random,
      client: createClient({
        urls: system.apis.map((api) => api.url),
        random,
        address: `10.0.${nth}.1`,
        inFlight,
        onCall: report.countOperation,
      }),
      told: new Map(ids.map((id) => [id, createTold(id)])),
      stopping: () => stopping,
      complain: report.complain,
      lossSince: (atMs) => lossAtMs >= atMs,
      onSale(sentAtMs) {
        lastSaleAskedAtMs = Math.max(lastSaleAskedAtMs, sentAtMs);
      },
    };
  });
  const watch = startWatch(system, report.complain);
  const running = [
    ...buyers.slice(0, BUYERS).map((buyer) => buy(buyer, ROOM)),
    ...buyers.slice(BUYERS).map((buyer) => wait(buyer, RATED_ROOM)),
    operate(system, createRandom(options.seed), () => stopping),
  ];

  async function untilSaleAfter(atMs: number): Promise<number> {
    const until = Date.now() + SALE_PATIENCE_MS;
    while (lastSaleAskedAtMs < atMs && Date.now() < until) await delay(10);
    return Date.now();
  }

  async function strikeOnce(fault: Fault): Promise<void> {
    await delay(fault.pauseMs);
    const patience = Date.now() + STRIKE_PATIENCE_MS;
    while (inFlight.reserve + inFlight.pay === 0 && Date.now() < patience) await delay(2);
    const struckInFlight = inFlight.reserve + inFlight.pay > 0;
    const struckAtMs = Date.now();
    if (losesMemory(fault)) lossAtMs = Number.POSITIVE_INFINITY;
    await strike(system, fault);
    const healedAtMs = Date.now();
    if (losesMemory(fault)) lossAtMs = healedAtMs;
    const soldAtMs = await untilSaleAfter(healedAtMs);
    if (losesMemory(fault)) lossAtMs = soldAtMs;
    report.addFault({ fault, struckInFlight, struckAtMs, healedAtMs, soldAtMs });
    const waitedMs = soldAtMs - healedAtMs;
    if (waitedMs > options.saleWithinMs) {
      report.complain(`no sale for ${waitedMs} ms after ${fault.kind}`);
    }
  }

  await untilSaleAfter(1);
  const until = Date.now() + options.forMs;
  for (const fault of faultSchedule(options.seed)) {
    if (Date.now() >= until) break;
    await strikeOnce(fault);
    options.say(report.line());
  }
  stopping = true;
  await Promise.all(running);
  await delay(SETTLE_MS + system.holdSeconds * 1_000);
  await Promise.all(buyers.map(askAgain));
  await delay(system.holdSeconds * 1_000);
  await retryOutbox(system, report.complain);
  await watch.thoroughly();
  await compareWithStored(
    watch.db,
    buyers.flatMap((buyer) => [...buyer.told.values()]),
    report.complain,
  );
  for (const one of [...system.apis, ...system.workers]) {
    if (one.crashes() > 0) report.complain(`${one.name} ended by itself ${one.crashes()} times`);
  }
  await report.count(watch);
  await watch.stop();
  return report.finish();
}
