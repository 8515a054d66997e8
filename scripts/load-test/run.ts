import { setTimeout as delay } from 'node:timers/promises';
import { arrivalTimesMs, createChance } from './arrivals.ts';
import { audit, type LineSampler, sampleLine } from './audit.ts';
import { visit } from './buyer.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { createNaps } from './naps.ts';
import { createObserver } from './observer.ts';
import type { LoadOptions } from './options.ts';
import type { PrivateFoyer } from './private-foyer.ts';
import { watchProcesses } from './processes.ts';
import { createProgress } from './progress.ts';
import { createRecorder } from './recorder.ts';
import { seatsSold, seatsSoldAtLast } from './seats-sold.ts';
import { type Stage, setTheStage } from './stage.ts';
import { type LoadReport, summarise } from './summary.ts';
import type { World } from './world.ts';

/** The system under load: a private one, or what the flags name. */
export interface Target {
  urls: string[];
  adminKey: string;
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  /** Of a private one: where customers come by one statement, and whose figures the report shows. */
  own: Pick<PrivateFoyer, 'databaseUrl' | 'processes'> | undefined;
  /** Which APIs are asked for their own figures each second: none where many runs share them. */
  watched: readonly string[];
}

/**
 * Who asks as told pauses a quarter of the grace at most. Half the grace away, less the eighth that a sight may
 * go unrecorded, one may count as absent.
 */
const PRESENT_SHARE_OF_GRACE = 0.375;
const SECOND_MS = 1_000;
/** The record is written in batches behind the line. */
const RECORD_DELAY_MS = 1_500;
const HEAD_START_MS = 500;

/** One whole run: stage, crowd, sale, report. `stop` ends it early. */
export async function runLoad(
  options: LoadOptions,
  target: Target,
  stop: AbortSignal,
  say: (text: string) => void,
): Promise<LoadReport> {
  const client = createHttpClient({ origins: target.urls, connections: options.connections });
  try {
    say(
      `making a room of ${options.slots} slots, ${options.seats} seats, ${options.buyers} customers`,
    );
    const stage = await setTheStage({
      load: options,
      client,
      adminKey: target.adminKey,
      databaseUrl: target.own?.databaseUrl,
    });
    const line = target.redisUrl ? sampleLine(target.redisUrl, stage.sale.roomId) : undefined;
    try {
      return await sell({ options, target, client, stage, line, stop });
    } finally {
      await line?.stop();
    }
  } finally {
    client.close();
  }
}

async function sell(run: {
  options: LoadOptions;
  target: Target;
  client: HttpClient;
  stage: Stage;
  line: LineSampler | undefined;
  stop: AbortSignal;
}): Promise<LoadReport> {
  const { options, target, client, stage } = run;
  const presentWithinMs = stage.sale.graceSeconds * SECOND_MS * PRESENT_SHARE_OF_GRACE;
  const chance = createChance(options.seed);
  const world: World = {
    options,
    sale: stage.sale,
    client,
    recorder: createRecorder(),
    observer: createObserver(presentWithinMs),
    chance,
    naps: createNaps(),
    breaks: createNaps(),
    soldOut: false,
  };
  const processes = watchProcesses({
    processes: target.own?.processes ?? [],
    api: target.watched.map((url, nth) => ({ name: target.own ? `api ${nth + 1}` : url, url })),
  });
  await processes.sample();
  const beganMs = performance.now() + HEAD_START_MS;
  const arrivals = arrivalTimesMs(
    options.arrivals,
    options.buyers,
    options.over * SECOND_MS,
    chance,
  );
  const progress = createProgress(world, options.quiet);
  const ended = new AbortController();
  let soldOutAtMs: number | undefined;
  const watch = watchSale(world, ended.signal, {
    everySecond: progress.tick,
    async onLook() {
      await processes.sample();
      soldOutAtMs ??= world.soldOut ? performance.now() : undefined;
    },
  });
  const cutShort = await crowd(
    world,
    stage.customerIds,
    arrivals.map((ms) => beganMs + ms),
    run.stop,
  );
  ended.abort();
  await watch;
  progress.end();
  const soldOnMap = await seatsSoldAtLast(world, cutShort);
  await processes.sample();
  return summarise({
    options,
    sale: stage.sale,
    observer: world.observer,
    recorder: world.recorder,
    beganMs,
    cutShort,
    soldOnMap,
    soldOutAtMs,
    audited: await auditOf(run, world, presentWithinMs),
    line: run.line && { samples: run.line.samples(), slotsMax: run.line.slotsMax() },
    processes: processes.reports(),
  });
}

/** Lets everybody in and waits for the last to go home; whether that had to be cut short. */
async function crowd(
  world: World,
  customerIds: readonly number[],
  arriveAtMs: readonly number[],
  stop: AbortSignal,
): Promise<boolean> {
  const timeout = AbortSignal.timeout(world.options.timeout * SECOND_MS);
  const early = AbortSignal.any([stop, timeout]);
  const end = (): void => {
    world.naps.wakeAll();
    world.breaks.wakeAll();
  };
  early.addEventListener('abort', end, { once: true });
  if (early.aborted) end();
  await Promise.all(
    customerIds.map((customerId, nth) => visit(world, customerId, arriveAtMs[nth] ?? 0)),
  );
  return early.aborted;
}

/**
 * Each second notes where things stand, however slow the system answers; looks at the map as often as it
 * answers, and tells everybody when the last seat is gone.
 */
async function watchSale(
  world: World,
  ended: AbortSignal,
  hooks: { everySecond: () => void; onLook: () => Promise<void> },
): Promise<void> {
  const timer = setInterval(hooks.everySecond, SECOND_MS);
  while (!ended.aborted) {
    await delay(SECOND_MS, undefined, { signal: ended }).catch(() => undefined);
    world.soldOut ||= (await seatsSold(world)) === world.options.seats;
    if (world.soldOut) world.breaks.wakeAll();
    await hooks.onLook();
  }
  clearInterval(timer);
}

async function auditOf(
  { target, stage }: { target: Target; stage: Stage },
  { observer, options }: World,
  presentWithinMs: number,
) {
  const { databaseUrl, redisUrl } = target;
  if (!databaseUrl || !redisUrl) return undefined;
  await delay(RECORD_DELAY_MS);
  const lastSale = Math.max(...observer.visits.map((one) => one.soldAtMs ?? 0), 0);
  return audit({
    databaseUrl,
    redisUrl,
    sale: stage.sale,
    places: observer.places,
    presentWithinMs,
    claimMs: (Math.ceil(options.grace / 4) + 5) * SECOND_MS,
    untilMs: lastSale > 0 ? lastSale + performance.timeOrigin : Number.POSITIVE_INFINITY,
  });
}
