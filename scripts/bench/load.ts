import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/**
 * A load generator in a process of its own: raw keep-alive connections to 127.0.0.1, prebuilt requests, every
 * answer checked. Closed loop (each connection asks as soon as it was answered), or open loop at a given rate,
 * where latency counts from the moment at which the request was due.
 */
export interface LoadRequest {
  /** A file with one JSON `Shot` per line. */
  file: string;
  /** Connections are spread over these. */
  ports: number[];
  connections: number;
  seconds: number;
  /** Each shot at most once: for requests whose repetition would be another request. */
  once?: boolean;
  /** Open loop. */
  perSecond?: number;
}

export interface Shot {
  request: string;
  /** What the answer must contain, besides a status that is one of `status`. */
  expect: string;
  status: string;
}

export interface LoadResult {
  requests: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  wrong: number;
  /** Up to three answers that were not as expected. */
  examples: string[];
  /** Shots used up, for the next run with `once`. */
  next: number;
}

interface Loaded {
  shots: { request: Buffer; expect: string; status: string }[];
  next: number;
}

const loaded = new Map<string, Loaded>();
/** All connections read into it, each for as long as it is asked: what the load costs is taken from who answers. */
const read = Buffer.alloc(64 * 1_024);

function load(file: string): Loaded {
  const known = loaded.get(file);
  if (known) return known;
  const shots = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const shot: Shot = JSON.parse(line);
      return { ...shot, request: Buffer.from(shot.request) };
    });
  const fresh = { shots, next: 0 };
  loaded.set(file, fresh);
  return fresh;
}

function run(asked: LoadRequest): Promise<LoadResult> {
  const set = load(asked.file);
  const latencies: number[] = [];
  const examples: string[] = [];
  const starts: ((nowMs: number) => void)[] = [];
  let startedAt = 0;
  let endsAt = 0;
  let wrong = 0;
  let due = 0;
  const idle: ((nowMs: number) => void)[] = [];

  /** When the next request of an open loop is due; now, in a closed one. */
  const dueAt = (nowMs: number): number =>
    asked.perSecond ? startedAt + (due * 1_000) / asked.perSecond : nowMs;

  const connection = (nth: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket: Socket = connect({
        port: asked.ports[nth % asked.ports.length] ?? 0,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer: read,
          callback(size) {
            take(read.toString('latin1', 0, size));
            return true;
          },
        },
      });
      let sentAt = 0;
      let expected = { expect: '', status: '' };
      let text = '';
      let end: AnswerEnd | undefined;

      const fire = (nowMs: number): void => {
        if (nowMs >= endsAt || (asked.once && set.next >= set.shots.length)) {
          socket.end();
          resolve();
          return;
        }
        sentAt = dueAt(nowMs);
        if (sentAt > nowMs) {
          idle.push(fire);
          return;
        }
        due += 1;
        const shot = set.shots[set.next % set.shots.length];
        if (!shot) throw new Error('a load needs requests');
        set.next += 1;
        expected = shot;
        socket.write(shot.request);
      };
      // The clock starts when all are connected: a sale's browsers do not all connect in its first millisecond.
      socket.on('connect', () => {
        if (starts.push(fire) < asked.connections) return;
        startedAt = performance.now();
        endsAt = startedAt + asked.seconds * 1_000;
        for (const start of starts) start(startedAt);
      });
      socket.on('error', reject);
      socket.on('close', () => resolve());
      const take = (chunk: string): void => {
        text = text === '' ? chunk : text + chunk;
        end ??= findEnd(text);
        if (!end || text.length < end.body + end.bytes) return;
        const nowMs = performance.now();
        latencies.push(nowMs - sentAt);
        const { status, expect } = expected;
        // What is expected stands in the body, or, rarely, in the head.
        const told = text.indexOf(expect, end.body) >= 0 || text.includes(expect);
        const whole = text.length === end.body + end.bytes;
        if (!told || !whole || !text.startsWith(status, 9)) {
          wrong += 1;
          if (examples.length < 3) examples.push(text);
        }
        text = '';
        end = undefined;
        fire(nowMs);
      };
    });

  const clock = asked.perSecond
    ? setInterval(() => {
        for (let nowMs = performance.now(); idle.length > 0; nowMs = performance.now()) {
          if (nowMs < endsAt && dueAt(nowMs) > nowMs) break;
          idle.shift()?.(nowMs);
        }
      }, 1)
    : undefined;
  return Promise.all(Array.from({ length: asked.connections }, (_, nth) => connection(nth))).then(
    () => {
      clearInterval(clock);
      const seconds = (performance.now() - startedAt) / 1_000;
      latencies.sort((a, b) => a - b);
      const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0;
      return {
        requests: latencies.length,
        seconds,
        p50Ms: at(0.5),
        p99Ms: at(0.99),
        maxMs: latencies.at(-1) ?? 0,
        wrong,
        examples,
        next: set.next,
      };
    },
  );
}

/** Where an answer's body begins, and how long it is. */
interface AnswerEnd {
  body: number;
  bytes: number;
}

const LENGTH = 'ontent-Length: ';
const HEAD_END = '\r\n\r\n';
/** Where the last answers said their length: those of one server are alike, and a search from there is short. */
let lengthAt = 0;

/** undefined while the head is not whole. */
function findEnd(text: string): AnswerEnd | undefined {
  let at = text.indexOf(LENGTH, lengthAt);
  if (at < 0) at = text.indexOf(LENGTH);
  let head = text.indexOf(HEAD_END, at);
  if (head < 0 && at > 0) head = text.indexOf(HEAD_END);
  if (head < 0) return undefined;
  // Without a length there is no body; one that stands in a body is none.
  if (at < 0 || at > head) return { body: head + HEAD_END.length, bytes: 0 };
  // A shorter Retry-After moves it by a few characters.
  lengthAt = Math.max(0, at - LENGTH.length);
  const bytes = Number.parseInt(text.slice(at + LENGTH.length, at + LENGTH.length + 9), 10);
  return { body: head + HEAD_END.length, bytes };
}

if (process.send) {
  process.on('message', (message: LoadRequest) => {
    run(message).then(
      (result) => process.send?.(result),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
}
