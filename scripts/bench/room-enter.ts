import { createRoom, enterShots, writeShots } from './crowd.ts';
import { ask, bareServers } from './exchange.ts';
import { watchRedis } from './redis-watch.ts';
import { type Benchmark, compareServers } from './rounds.ts';

const CONNECTIONS = 128;
const FIRST = 30_000_001;
const ENTRIES = 250_000;

/** New people, each proven by the shop's own token, each given a place and a signed token. */
export const entering: Benchmark = {
  name: 'enter',
  part: 'room',
  what: 'entering: a new place, a token signed, the customer proven by a JWT',
  async run(context) {
    const { bench, report, size } = context;
    const { roomId } = await createRoom(bench);
    const api = await bench.startApi();
    const [shot, ...shots] = enterShots(roomId, FIRST, Math.ceil(ENTRIES * size.share) + 1);
    if (!shot) throw new Error('nobody to enter');
    const answer = await ask(api.port, shot.request);
    const bare = await bareServers(bench, {
      method: 'POST',
      path: '/customer/waiting/enter',
      ...answer,
    });
    const load = { file: writeShots(bench, [shot]), connections: CONNECTIONS };
    const watch = await watchRedis(bench.services.redis);
    const { of, ratio } = await compareServers(context, [
      {
        name: 'enter',
        servers: [api],
        load: { file: writeShots(bench, shots), connections: CONNECTIONS, once: true },
      },
      { name: 'bare Express', servers: [bare.express], load },
      { name: 'bare node:http', servers: [bare.http], load },
    ]);
    const { scriptCalls } = await watch.read();
    report.figures(of('enter'), of('bare Express'), of('bare node:http'));
    report.line({
      what: 'enter, of bare Express',
      value: ratio('enter', 'bare Express'),
      unit: '×',
      bound: { atLeast: 2 },
    });
    const entered = await bench.services.redis.hlen(`wr:{${roomId}}:places`);
    report.line({
      what: 'enter, script calls per entry',
      value: scriptCalls / entered,
      unit: 'calls',
      detail: 'two calls in one round trip for all who enter in one turn',
    });
  },
};
