import { createRoom, fillRoom, pollShots, writeShots } from './crowd.ts';
import { ask, bareServers } from './exchange.ts';
import type { LoadRequest } from './load.ts';
import { reserveShots } from './money-requests.ts';
import type { Measured } from './processes.ts';
import { apart, type Benchmark, type Context, median } from './rounds.ts';
import { createConcert, createCustomers } from './stock.ts';

const WAITING = 20_000;
const CONNECTIONS = 128;
const IN_FLIGHT = 32;
const FIRST = 80_000_001;
const BUYERS = 20_000;
const LOAD_SHARE = 0.6;
const OPEN_SECONDS = 2;
/** Twice as many windows as others have rounds: the p99 of one is up to four times that of the next. */
const WINDOWS_A_ROUND = 2;
const RESERVE_ROUNDS = 3;

type Load = Omit<LoadRequest, 'seconds'>;

/**
 * Requests come when they are due, whether or not earlier ones were answered. Beside the polls a bare server
 * bears the same load, at the same share of its own capacity: what the machine and the load generator add
 * themselves. A request by itself costs more than one of many, so that a core is busier than the share says.
 */
export const latency: Benchmark = {
  name: 'latency',
  part: 'whole',
  what: 'latency at 60 % of capacity, open loop, from when a request was due',
  async run(context) {
    const { bench } = context;
    const { roomId } = await createRoom(bench);
    const shots = pollShots(roomId, await fillRoom(bench, roomId, { count: WAITING }));
    const api = await bench.startApi();
    const [first] = shots;
    if (!first) throw new Error('nobody waits');
    const answer = await ask(api.port, first.request);
    const bare = await bareServers(bench, { method: 'GET', path: '/customer/waiting', ...answer });
    await bare.express.stop();
    const load = { file: writeShots(bench, shots), connections: CONNECTIONS };
    const bareShots = shots.map((shot) => ({ ...shot, expect: '' }));
    await pollLatency(context, [
      { name: 'poll', server: api, load: { ...load, ports: [api.port] }, atMost: 10 },
      {
        name: 'bare node:http in its place',
        server: bare.http,
        load: { ...load, file: writeShots(bench, bareShots), ports: [bare.http.port] },
      },
    ]);
    await bare.http.stop();
    await reserveLatency(context, api);
  },
};

/** In turn, each right after its own capacity was measured: a machine is not equally fast all the time. */
async function pollLatency(
  { bench, report, size }: Context,
  contestants: readonly { name: string; server: Measured; load: Load; atMost?: number }[],
): Promise<void> {
  const windows = contestants.map((): Window[] => []);
  await apart(
    { bench, report },
    contestants.map(({ server }) => server),
    async () => {
      for (const { load } of contestants) await bench.load({ ...load, seconds: 1 });
      for (let round = 0; round < size.rounds * WINDOWS_A_ROUND; round += 1) {
        for (const [nth, { load, server }] of contestants.entries()) {
          const perSecond = await capacityShare({ bench }, load, 1);
          windows[nth]?.push(await openLoop({ bench }, { ...load, perSecond }, server));
        }
      }
    },
  );
  for (const [nth, { name, atMost }] of contestants.entries()) {
    tell({ report }, { name, windows: windows[nth] ?? [], atMost });
  }
}

async function reserveLatency(context: Context, api: Measured): Promise<void> {
  const { bench, size } = context;
  const buyers = Math.ceil(BUYERS * size.share);
  const slots = { claimSeconds: 3_600, slotSeconds: 3_600 };
  const { roomId } = await createRoom(bench, { capacity: buyers, ...slots });
  const sale = await createConcert(bench, roomId, buyers);
  await createCustomers(bench, FIRST, buyers);
  const places = await fillRoom(bench, roomId, { first: FIRST, count: buyers });
  const file = writeShots(bench, reserveShots({ roomId, ...sale, places }));
  const load = { file, connections: IN_FLIGHT, once: true, ports: [api.port] };
  await bench.load({ ...load, seconds: 1 });
  const perSecond = await capacityShare(context, load, size.seconds);
  const windows: Window[] = [];
  for (let round = 0; round < RESERVE_ROUNDS; round += 1) {
    const open = await openLoop(context, { ...load, perSecond }, api);
    if (open.requests > 0) windows.push(open);
  }
  tell(context, { name: 'reserve', windows, atMost: 50 });
}

async function capacityShare(
  { bench }: Pick<Context, 'bench'>,
  load: Load,
  seconds: number,
): Promise<number> {
  const closed = await bench.load({ ...load, seconds });
  return (closed.requests / closed.seconds) * LOAD_SHARE;
}

interface Window {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** The server's, as a share of one core. */
  cpuShare: number;
}

async function openLoop(
  { bench }: Pick<Context, 'bench'>,
  load: Load & { perSecond: number },
  server: Measured,
): Promise<Window> {
  const before = server.cpuMicros();
  const open = await bench.load({ ...load, seconds: OPEN_SECONDS });
  if (open.wrong > 0) throw new Error(`wrong answers: ${open.examples[0]}`);
  const cpuShare = (server.cpuMicros() - before) / (open.seconds * 1e6);
  const { requests, p50Ms, p99Ms } = open;
  return { requests, perSecond: load.perSecond, p50Ms, p99Ms, cpuShare };
}

/** Medians over the windows, and the best and the worst of them. */
function tell(
  { report }: Pick<Context, 'report'>,
  { name, windows, atMost }: { name: string; windows: Window[]; atMost: number | undefined },
): void {
  const of = (field: keyof Window): number => median(windows.map((one) => one[field]));
  const p99 = windows.map((one) => one.p99Ms);
  const range = `${Math.min(...p99).toFixed(1)} to ${Math.max(...p99).toFixed(1)} ms`;
  const rate = `${of('perSecond').toFixed(0)} a second`;
  const cpu = `${(of('cpuShare') * 100).toFixed(0)} % of a core`;
  report.line({
    what: `${name} at 60 % of capacity, p99`,
    value: of('p99Ms'),
    unit: 'ms',
    ...(atMost === undefined ? {} : { bound: { atMost } }),
    detail: `${rate}, ${cpu}, p50 ${of('p50Ms').toFixed(1)} ms, windows from ${range}`,
  });
}
