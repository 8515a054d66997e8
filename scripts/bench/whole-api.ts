import { setTimeout as delay } from 'node:timers/promises';
import { createRoom, fillRoom, type Place, pollShots, writeShots } from './crowd.ts';
import { openStreams } from './open-streams.ts';
import { watchRedis } from './redis-watch.ts';
import { alternate, type Benchmark, type Context, median } from './rounds.ts';

const WAITING = 20_000;
const CONNECTIONS = 128;
const STREAMS = 5_000;
const STREAM_SECONDS = 20;

async function crowd({
  bench,
}: Context): Promise<{ roomId: string; places: Place[]; file: string }> {
  const { roomId } = await createRoom(bench);
  const places = await fillRoom(bench, roomId, { count: WAITING });
  return { roomId, places, file: writeShots(bench, pollShots(roomId, places)) };
}

export const twoProcesses: Benchmark = {
  name: 'two-apis',
  part: 'whole',
  what: 'CPU of a poll with two API processes against one',
  async run(context) {
    const { bench, report } = context;
    const load = { file: (await crowd(context)).file, connections: CONNECTIONS };
    const [one, first, second] = [
      await bench.startApi(),
      await bench.startApi(),
      await bench.startApi(),
    ];
    const { of, ratio } = await alternate(context, [
      { name: 'one API process', servers: [one], load },
      { name: 'two API processes', servers: [first, second], load },
    ]);
    report.figures(of('one API process'), of('two API processes'));
    report.line({
      what: 'CPU per poll, two API processes, of one',
      value: ratio('two API processes', 'one API process', 'cpuMicros'),
      unit: '×',
      bound: { atMost: 1.15 },
    });
  },
};

export const memory: Benchmark = {
  name: 'api-memory',
  part: 'whole',
  what: 'resident memory of an API process: idle, with 5,000 streams, over a long run',
  async run(context) {
    const { bench, report, size } = context;
    const api = await bench.startApi();
    await delay(5_000);
    const mb = (): number => api.memoryBytes() / 1e6;
    report.line({ what: 'API idle', value: mb(), unit: 'MB', bound: { atMost: 120 } });
    const { roomId, places } = await crowd(context);
    const count = Math.ceil(STREAMS * size.share);
    const streams = await openStreams(api.port, roomId, places.slice(0, count));
    const watch = await watchRedis(bench.services.redis);
    const before = api.cpuMicros();
    await delay(STREAM_SECONDS * 1_000);
    const { scriptCalls } = await watch.read();
    const share = (api.cpuMicros() - before) / (STREAM_SECONDS * 1e6);
    report.line({
      what: `API with ${count} streams`,
      value: mb(),
      unit: 'MB',
      bound: { atMost: 250 },
      detail: `${(share * 100).toFixed(0)} % of a core, ${streams.events()} events`,
    });
    report.line({
      what: `script calls per second with ${count} streams`,
      value: scriptCalls / STREAM_SECONDS,
      unit: '/s',
    });
    streams.close();
    if (size.soakMinutes > 0) await soak(context);
  },
};

/** Polls for minutes; the memory of the last third against that of the middle one, warm-up left out. */
async function soak(context: Context): Promise<void> {
  const { bench, report, size } = context;
  const { file } = await crowd(context);
  const api = await bench.startApi();
  const samples: number[] = [];
  const until = performance.now() + size.soakMinutes * 60_000;
  while (performance.now() < until) {
    const load = {
      file,
      ports: [api.port],
      connections: CONNECTIONS,
      perSecond: 2_000,
      seconds: 5,
    };
    const { wrong, examples } = await bench.load(load);
    if (wrong > 0) throw new Error(`wrong answers: ${examples[0]}`);
    samples.push(api.memoryBytes() / 1e6);
  }
  const third = Math.floor(samples.length / 3);
  const middle = median(samples.slice(third, 2 * third));
  const last = median(samples.slice(2 * third));
  report.line({
    what: `memory over ${size.soakMinutes} minutes of 2,000 polls a second, last third of the middle one`,
    value: last / middle,
    unit: '×',
    bound: { atMost: 1.05 },
    detail: `${middle.toFixed(0)} MB, then ${last.toFixed(0)} MB`,
  });
}
