import { createRoom, fillRoom, type Place, pollShots, writeShots } from './crowd.ts';
import { ask, bareServers } from './exchange.ts';
import type { Shot } from './load.ts';
import type { Report } from './report.ts';
import { type Benchmark, type Contestant, compareServers, type Figures } from './rounds.ts';
import type { Bench } from './servers.ts';

const EXPRESS = 'bare Express';
const HTTP = 'bare node:http';
const FIRST_POLL = 'first poll of a token';
const NONE_DUE = ', no contact due';
const CONNECTIONS = 128;
const TOKENS_MAX = 20_000;
/** More than any process remembers, so that each poll meets a token it has to verify. */
const UNKNOWN_TOKENS = 120_000;
/**
 * A contact is recorded when the last is older than an eighth of it, five and a half turns; each process' turn with a
 * line comes seven after the other's. So each turn records one with the first poll of each token.
 */
const GRACE_TURNS = 44;
/** Who is met once keeps the place for as long as all this takes. */
const STRANGERS_GRACE_SECONDS = 600;
/** Twice as many turns as others take, each for half as long: what is close together is disturbed alike. */
const TURNS = 2;
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
    const loadOf = (shots: readonly Shot[]): Load => ({
      file: writeShots(bench, shots),
      connections: CONNECTIONS,
    });
    const turns = { rounds: size.rounds * TURNS, seconds: size.seconds / 2 };
    const { roomId, places } = await crowd(Math.max(...size.crowds), STRANGERS_GRACE_SECONDS);
    const strangers = pollShots(roomId, spread(places, UNKNOWN_TOKENS));
    // The largest first, which takes longest to fill: whoever has joined is polled within the grace.
    const lines: { title: string; load: Load }[] = [];
    for (const count of size.crowds.toReversed()) {
      const waiting = await crowd(count, GRACE_TURNS * turns.seconds);
      const load = loadOf(pollShots(waiting.roomId, spread(waiting.places, TOKENS_MAX)));
      lines.push({ title: `poll, ${count.toLocaleString('en')} waiting`, load });
      // Right after its own turn, in which every token was asked for: all contacts are recorded.
      if (lines.length === 1) lines.push({ title: `${lines[0]?.title}${NONE_DUE}`, load });
    }
    const contestants: Contestant[] = [];
    for (let set = 0; set < SETS; set += 1) {
      // A process of its own: these tokens would push all others out of what a process remembers.
      const stranger = await bench.startApi();
      contestants.push({ name: FIRST_POLL, servers: [stranger], load: loadOf(strangers) });
      const api = await bench.startApi();
      contestants.push(...(await bareContestants(bench, api.port, strangers[0])));
      for (const { title, load } of lines) contestants.push({ name: title, servers: [api], load });
    }

    const of = await compareServers({ ...context, size: { ...size, ...turns } }, contestants);
    const names = [...lines.map(({ title }) => title).toReversed(), HTTP, EXPRESS, FIRST_POLL];
    report.figures(...names.map(of));
    judge(report, of, names);
  },
};

/** @param names begins with the lines' titles: smallest, middle, largest with no contact due, largest */
function judge(
  report: Pick<Report, 'line'>,
  of: (name: string) => Figures,
  [small = '', , largeAgain = '', large = '']: readonly string[],
): void {
  const line = (one: string, other: string, atLeast?: number): void =>
    report.line({
      what: `${one}, of ${other}`,
      value: of(one).perSecond / of(other).perSecond,
      unit: '×',
      ...(atLeast === undefined ? {} : { bound: { atLeast } }),
    });
  line(large, EXPRESS, 5);
  line(large, HTTP, 0.85);
  line(FIRST_POLL, EXPRESS, 2.5);
  // With a thousand tokens, hardly any of their polls is the first of its round: alike are those that record nothing.
  line(largeAgain, small, 0.9);
  line(large, small);
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
  const file = writeShots(bench, [{ request, status: '200', expect: answer.body }]);
  const load = { file, connections: CONNECTIONS };
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
