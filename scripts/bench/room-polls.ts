import { createRoom, fillRoom, type Place, pollShots, writeShots } from './crowd.ts';
import { ask, bareServers } from './exchange.ts';
import { alternate, type Benchmark, type Contestant } from './rounds.ts';

const CONNECTIONS = 128;
const TOKENS_MAX = 20_000;
/** More than any process remembers, so that each poll meets a token it has to verify. */
const UNKNOWN_TOKENS = 120_000;
/** A contact is recorded when the last is older than an eighth of it: here with each round's first poll. */
const GRACE_SECONDS = 120;
/** As many times as often as others take turns, each for half as long: what is close together is disturbed alike. */
const TURNS = 4;

/** The poll at three sizes of the line, against bare servers of equal bytes. */
export const polls: Benchmark = {
  name: 'polls',
  part: 'room',
  what: 'polls: exact rank, heartbeat recorded, distinct tokens, 128 connections',
  async run(context) {
    const { bench, report, size } = context;
    const api = await bench.startApi();
    const contestants: Contestant[] = [];
    const add = (name: string, shots: ReturnType<typeof pollShots>): void => {
      const load = { file: writeShots(bench, shots), connections: CONNECTIONS };
      contestants.push({ name, servers: [api], load });
    };
    const titles = size.crowds.map((count) => `poll, ${count.toLocaleString('en')} waiting`);
    let largest: { roomId: string; places: Place[] } | undefined;
    for (const [nth, count] of size.crowds.entries()) {
      const { roomId } = await createRoom(bench, { graceSeconds: GRACE_SECONDS });
      const places = await fillRoom(bench, roomId, { count });
      add(titles[nth] ?? '', pollShots(roomId, spread(places, TOKENS_MAX)));
      largest = { roomId, places };
    }
    if (!largest) throw new Error('no crowd');
    // A process of its own: these tokens would push all others out of what a process remembers.
    const stranger = await bench.startApi();
    const strangers = pollShots(largest.roomId, spread(largest.places, UNKNOWN_TOKENS));
    const asked = { file: writeShots(bench, strangers), connections: CONNECTIONS };
    contestants.push({ name: 'first poll of a token', servers: [stranger], load: asked });
    const [shot] = pollShots(largest.roomId, largest.places.slice(0, 1));
    const request = shot?.request ?? '';
    const answer = await ask(api.port, request);
    const bare = await bareServers(bench, { method: 'GET', path: '/customer/waiting', ...answer });
    const file = writeShots(bench, [{ request, status: '200', expect: answer.body }]);
    const load = { file, connections: CONNECTIONS };
    contestants.push({ name: 'bare Express', servers: [bare.express], load });
    contestants.push({ name: 'bare node:http', servers: [bare.http], load });

    const turns = { rounds: size.rounds * TURNS, seconds: size.seconds / 2 };
    const of = await alternate({ bench, size: { ...size, ...turns } }, contestants);
    report.figures(...contestants.map((one) => of(one.name)));
    const [small = '', , large = ''] = titles;
    const poll = of(large).perSecond;
    const express = of('bare Express').perSecond;
    const line = (what: string, value: number, atLeast: number): void =>
      report.line({ what, value, unit: '×', bound: { atLeast } });
    line(`${large}, of bare Express`, poll / express, 5);
    line(`${large}, of bare node:http`, poll / of('bare node:http').perSecond, 0.85);
    line(
      'first poll of a token, of bare Express',
      of('first poll of a token').perSecond / express,
      2.5,
    );
    line(`${large}, of ${small}`, poll / of(small).perSecond, 0.9);
  },
};

/** At most `max` of the places, evenly from front to end. */
function spread(places: readonly Place[], max: number): Place[] {
  const step = Math.max(1, places.length / max);
  const chosen: Place[] = [];
  for (let at = 0; Math.floor(at) < places.length; at += step) {
    const place = places[Math.floor(at)];
    if (place) chosen.push(place);
  }
  return chosen;
}
