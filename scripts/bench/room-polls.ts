import { createRoom, fillRoom, type Place, pollShots, writeShots } from './crowd.ts';
import { ask, bareServers } from './exchange.ts';
import type { Shot } from './load.ts';
import { type Benchmark, type Contestant, compareServers } from './rounds.ts';
import type { Bench } from './servers.ts';

const EXPRESS = 'bare Express';
const HTTP = 'bare node:http';
const FIRST_POLL = 'first poll of a token';
const CONNECTIONS = 128;
const TOKENS_MAX = 20_000;
/** More than any process remembers, so that each poll meets a token it has to verify. */
const UNKNOWN_TOKENS = 120_000;
/**
 * A contact is recorded when the last is older than an eighth of it, five turns; each process' turn with a line
 * comes six after the other's. So each turn records one with the first poll of each token.
 */
const GRACE_TURNS = 40;
/** Who is met once keeps the place for as long as all this takes. */
const STRANGERS_GRACE_SECONDS = 600;
/** Four times as many turns as others take, each for half as long: what is close together is disturbed alike. */
const TURNS = 4;
/** Processes of each kind, asked in turn: of one code and data, one is laid out luckier in memory than another. */
const SETS = 2;

/** The poll at three sizes of the line, against bare servers of equal bytes. */
export const polls: Benchmark = {
  name: 'polls',
  part: 'room',
  what: 'polls: exact rank, heartbeat recorded, distinct tokens, 128 connections',
  async run(context) {
    const { bench, report, size } = context;
    const crowd = async (count: number, graceSeconds: number): Promise<Crowd> => {
      const { roomId } = await createRoom(bench, { graceSeconds });
      return { roomId, places: await fillRoom(bench, roomId, { count }) };
    };
    const turns = { rounds: size.rounds * TURNS, seconds: size.seconds / 2 };
    const { roomId, places } = await crowd(Math.max(...size.crowds), STRANGERS_GRACE_SECONDS);
    const strangers = pollShots(roomId, spread(places, UNKNOWN_TOKENS));
    const [small, middle, large] = size.crowds;
    const lines: { title: string; load: Load }[] = [];
    // The largest first, which takes longest to fill: whoever has joined is polled within the grace. The smallest, which
    // is compared with it, has its turn right after it.
    for (const count of [large, small, middle]) {
      const waiting = await crowd(count, GRACE_TURNS * turns.seconds);
      const shots = pollShots(waiting.roomId, spread(waiting.places, TOKENS_MAX));
      lines.push({ title: titleOf(count), load: loadOf(bench, shots) });
    }
    const contestants: Contestant[] = [];
    for (let set = 0; set < SETS; set += 1) {
      contestants.push(...(await contestantsOf(bench, strangers, lines)));
    }
    const { of, ratio } = await compareServers(
      { ...context, size: { ...size, ...turns } },
      contestants,
    );
    const [least, most] = [titleOf(small), titleOf(large)];
    const all = [least, titleOf(middle), most, HTTP, EXPRESS, FIRST_POLL];
    report.figures(...all.map(of));
    const line = (one: string, other: string, atLeast: number): void =>
      report.line({
        what: `${one}, of ${other}`,
        value: ratio(one, other),
        unit: '×',
        bound: { atLeast },
      });
    line(most, EXPRESS, 5);
    line(most, HTTP, 0.85);
    line(FIRST_POLL, EXPRESS, 2.5);
    line(most, least, 0.9);
  },
};

function titleOf(count: number): string {
  return `poll, ${count.toLocaleString('en')} waiting`;
}

function loadOf(bench: Bench, shots: readonly Shot[]): Load {
  return { file: writeShots(bench, shots), connections: CONNECTIONS };
}

/** One process of each kind. */
async function contestantsOf(
  bench: Bench,
  strangers: readonly Shot[],
  lines: readonly { title: string; load: Load }[],
): Promise<Contestant[]> {
  // A process of its own: these tokens would push all others out of what a process remembers.
  const stranger = await bench.startApi();
  const api = await bench.startApi();
  return [
    { name: FIRST_POLL, servers: [stranger], load: loadOf(bench, strangers) },
    ...(await bareContestants(bench, api.port, strangers[0])),
    ...lines.map(({ title, load }) => ({ name: title, servers: [api], load })),
  ];
}

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
  const load = loadOf(bench, [{ request, status: '200', expect: answer.body }]);
  return [
    { name: EXPRESS, servers: [bare.express], load },
    { name: HTTP, servers: [bare.http], load },
  ];
}

type Load = NonNullable<Contestant['load']>;

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
