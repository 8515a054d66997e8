import { createRoom, fillRoom, type Place, pollShots, writeShots } from './crowd.ts';
import { ask, bareServers } from './exchange.ts';
import type { Shot } from './load.ts';
import type { Measured } from './processes.ts';
import { alternate, type Benchmark, type Contestant } from './rounds.ts';
import type { Bench } from './servers.ts';

const CONNECTIONS = 128;
const TOKENS_MAX = 20_000;
/** More than any process remembers, so that each poll meets a token it has to verify. */
const UNKNOWN_TOKENS = 120_000;
/** A contact is recorded when the last is older than an eighth of it, less than a round: with each round's first poll. */
const GRACE_SECONDS = 44;
/** Who is met once keeps the place for as long as all this takes. */
const STRANGERS_GRACE_SECONDS = 600;
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
    const add = (name: string, server: Measured, shots: readonly Shot[]): void => {
      const load = { file: writeShots(bench, shots), connections: CONNECTIONS };
      contestants.push({ name, servers: [server], load });
    };
    const titled = size.crowds.map((count) => ({
      count,
      title: `poll, ${count.toLocaleString('en')} waiting`,
    }));
    const crowd = async (count: number, graceSeconds: number): Promise<Crowd> => {
      const { roomId } = await createRoom(bench, { graceSeconds });
      return { roomId, places: await fillRoom(bench, roomId, { count }) };
    };
    // A process of its own: these tokens would push all others out of what a process remembers.
    const stranger = await bench.startApi();
    const { roomId, places } = await crowd(Math.max(...size.crowds), STRANGERS_GRACE_SECONDS);
    const strangers = pollShots(roomId, spread(places, UNKNOWN_TOKENS));
    add('first poll of a token', stranger, strangers);
    contestants.push(...(await bareContestants(bench, api.port, strangers[0])));
    // The largest first, which takes longest to fill: whoever has joined is polled within the grace.
    for (const { count, title } of titled.toReversed()) {
      const waiting = await crowd(count, GRACE_SECONDS);
      add(title, api, pollShots(waiting.roomId, spread(waiting.places, TOKENS_MAX)));
    }

    const turns = { rounds: size.rounds * TURNS, seconds: size.seconds / 2 };
    const of = await alternate({ bench, size: { ...size, ...turns } }, contestants);
    report.figures(...contestants.toReversed().map((one) => of(one.name)));
    const [small = '', , large = ''] = titled.map(({ title }) => title);
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

/** Servers that do nothing but answer, with the bytes that this poll was answered. */
async function bareContestants(
  bench: Bench,
  port: number,
  poll: Shot | undefined,
): Promise<Contestant[]> {
  if (!poll) throw new Error('no crowd');
  const { request } = poll;
  const answer = await ask(port, request);
  const bare = await bareServers(bench, { method: 'GET', path: '/customer/waiting', ...answer });
  const file = writeShots(bench, [{ request, status: '200', expect: answer.body }]);
  const load = { file, connections: CONNECTIONS };
  return [
    { name: 'bare Express', servers: [bare.express], load },
    { name: 'bare node:http', servers: [bare.http], load },
  ];
}

interface Crowd {
  roomId: string;
  places: Place[];
}

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
