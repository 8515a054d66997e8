import { createRoom, fillRoom, get, writeShots } from './crowd.ts';
import { ask, bareServers } from './exchange.ts';
import { reserveShots } from './money-requests.ts';
import { alternate, type Benchmark, compareServers } from './rounds.ts';
import { createConcert, createCustomers } from './stock.ts';
import { countTrips } from './trips.ts';

const IN_FLIGHT = 32;
const WATCHERS = 128;
const WINNERS = 40_000;
const LOSERS = 20_000;
const FIRST = 60_000_001;
const SEATS = 50;

/** Thousands want one seat that somebody holds; beside them, others reserve a seat each. */
export const hotSeat: Benchmark = {
  name: 'hot-seat',
  part: 'money',
  what: 'losers of a hot seat, against successful reserves',
  async run(context) {
    const { bench, report, size } = context;
    const winners = Math.ceil(WINNERS * size.share);
    const losers = Math.ceil(LOSERS * size.share);
    const count = 1 + winners + losers;
    const slots = { claimSeconds: 3_600, slotSeconds: 3_600 };
    const { roomId } = await createRoom(bench, { capacity: count, ...slots });
    const sale = { roomId, ...(await createConcert(bench, roomId, winners + 1)) };
    await createCustomers(bench, FIRST, count);
    const places = await fillRoom(bench, roomId, { first: FIRST, count });
    const [holder, ...won] = reserveShots({ ...sale, places: places.slice(0, winners + 1) });
    if (!holder) throw new Error('nobody to hold the seat');
    const lost = reserveShots({ ...sale, places: places.slice(winners + 1) }, () => 1);
    const shots = lost.map((shot) => ({
      ...shot,
      status: '409',
      expect: '"code":"ALREADY_TAKEN"',
    }));
    const file = writeShots(bench, shots);

    const counted = await countTrips(bench.databaseUrl);
    const watched = await bench.startApi({ DATABASE_URL: counted.databaseUrl });
    const held = await ask(watched.port, holder.request);
    if (held.status !== 200) throw new Error(`the seat was not held: ${held.body}`);
    await bench.load({ file, ports: [watched.port], connections: IN_FLIGHT, seconds: 2 });
    const before = counted.count();
    const { requests } = await bench.load({
      file,
      ports: [watched.port],
      connections: IN_FLIGHT,
      seconds: 2,
    });
    const share = (counted.count() - before) / requests;
    await watched.stop();
    await counted.close();

    const api = await bench.startApi();
    const { of, ratio } = await alternate(context, [
      { name: 'losers', servers: [api], load: { file, connections: IN_FLIGHT } },
      {
        name: 'reserves',
        servers: [api],
        load: { file: writeShots(bench, won), connections: IN_FLIGHT, once: true },
      },
    ]);
    report.figures(of('losers'), of('reserves'));
    report.line({
      what: 'losers of a hot seat, of successful reserves',
      value: ratio('losers', 'reserves'),
      unit: '×',
      bound: { atLeast: 5 },
    });
    report.line({
      what: 'losers of a hot seat that Postgres sees',
      value: share * 100,
      unit: '%',
      bound: { atMost: 2 },
    });
  },
};

/** The seat map of one performance, asked for again and again by many who know it already. */
export const seatMap: Benchmark = {
  name: 'seat-map',
  part: 'money',
  what: 'seat map of 50 seats, unchanged (304); other reads through Express',
  async run(context) {
    const { bench, report } = context;
    const { roomId } = await createRoom(bench);
    const { concertId, optionId } = await createConcert(bench, roomId, SEATS);
    const path = `/concerts/${concertId}/options/${optionId}/seats`;
    const counted = await countTrips(bench.databaseUrl);
    const api = await bench.startApi({ DATABASE_URL: counted.databaseUrl });
    const full = await ask(api.port, get(path));
    const etag = full.headers[full.headers.indexOf('ETag') + 1] ?? '';
    const again = get(path).replace('\r\nAccept', `\r\nIf-None-Match: ${etag}\r\nAccept`);
    const file = (request: string, status: string, expect: string): string =>
      writeShots(bench, [{ request, status, expect }]);
    const bare = await bareServers(bench, { method: 'GET', path, ...full });
    const before = counted.count();
    const startedAt = performance.now();
    const watching = { file: file(again, '304', ''), connections: WATCHERS };
    await bench.load({ ...watching, ports: [api.port], seconds: 5 });
    const reads = (counted.count() - before) / ((performance.now() - startedAt) / 1_000);
    const concert = `/concerts/${concertId}`;
    const detail = await ask(api.port, get(concert));
    const bareDetail = await bareServers(bench, { method: 'GET', path: concert, ...detail });
    const connections = WATCHERS;
    const { of, ratio } = await compareServers(context, [
      { name: 'seat map, 304', servers: [api], load: watching },
      {
        name: 'seat map, 200',
        servers: [api],
        load: { file: file(get(path), '200', '{"seats":['), connections },
      },
      {
        name: 'bare Express, the map',
        servers: [bare.express],
        load: { file: file(get(path), '200', ''), connections },
      },
      {
        name: 'concert',
        servers: [api],
        load: { file: file(get(concert), '200', detail.body), connections },
      },
      {
        name: 'bare Express, the concert',
        servers: [bareDetail.express],
        load: { file: file(get(concert), '200', detail.body), connections },
      },
    ]);
    await counted.close();
    report.figures(
      ...[
        'seat map, 304',
        'seat map, 200',
        'bare Express, the map',
        'concert',
        'bare Express, the concert',
      ].map(of),
    );
    const line = (what: string, one: string, other: string, atLeast: number): void =>
      report.line({
        what,
        value: ratio(one, other),
        unit: '×',
        bound: { atLeast },
      });
    line('seat map unchanged, of bare Express', 'seat map, 304', 'bare Express, the map', 3);
    line(
      'read through Express (a concert), of bare Express',
      'concert',
      'bare Express, the concert',
      2,
    );
    line(
      'read through Express (the whole map), of bare Express',
      'seat map, 200',
      'bare Express, the map',
      2,
    );
    report.line({
      what: 'Postgres reads per second and option, 128 watching',
      value: reads,
      unit: '/s',
      bound: { atMost: 1.05 },
    });
  },
};
