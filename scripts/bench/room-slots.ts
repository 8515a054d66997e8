import { setTimeout as delay } from 'node:timers/promises';
import { waitingDocument } from '../../src/http/waiting-document.ts';
import { roomKeys } from '../../src/waiting-room/keys.ts';
import {
  createRoom,
  fillRoom,
  type Place,
  pollShots,
  signQueueTokens,
  writeShots,
} from './crowd.ts';
import { type Benchmark, type Context, quantile } from './rounds.ts';

const CAPACITY = 300;
const WAITING = 10_000;
const LEAVERS = 250;
const BETWEEN_MS = 10;
const CHECKED = 500;

/** How long a freed slot stays empty, with nothing else to do and while everybody polls. */
export const freedSlots: Benchmark = {
  name: 'freed',
  part: 'room',
  what: 'slot freed until the next has it; the shown number while the line moves',
  async run(context) {
    const quiet = await freed(context, false);
    context.report.line({
      what: 'slot freed until the next is called, idle, p99',
      value: quantile(quiet, 0.99),
      unit: 'ms',
      bound: { atMost: 50 },
      detail: `${quiet.length} slots`,
    });
    const loaded = await freed(context, true);
    context.report.line({
      what: 'slot freed until the next is called, under full poll load, p99',
      value: quantile(loaded, 0.99),
      unit: 'ms',
      bound: { atMost: 250 },
      detail: `${loaded.length} slots`,
    });
  },
};

async function freed({ bench, report }: Context, underLoad: boolean): Promise<number[]> {
  const { roomId } = await createRoom(bench, { capacity: CAPACITY });
  const places = await fillRoom(bench, roomId, { count: CAPACITY + WAITING });
  const api = await bench.startApi();
  const worker = await bench.startWorker();
  const tokens = signQueueTokens(roomId, places.slice(0, LEAVERS));
  const waiting = places.slice(-WAITING / 2).map((place) => ({ ...place, number: 0 }));
  // Numbers fall while these poll: that they are true is checked below, that they come is checked here.
  const shots = pollShots(roomId, waiting).map((shot) => ({
    ...shot,
    expect: '"status":"WAITING"',
  }));
  const seconds = (LEAVERS * BETWEEN_MS) / 1_000 + 3;
  const file = writeShots(bench, shots);
  const polling = underLoad
    ? bench.load({ file, ports: [api.port], connections: 128, seconds })
    : undefined;
  await delay(1_000);
  for (const token of tokens) {
    const response = await fetch(`http://127.0.0.1:${api.port}/customer/waiting`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.status !== 204) throw new Error(`leaving was answered ${response.status}`);
    await delay(BETWEEN_MS);
  }
  if (!underLoad) await checkNumbers({ bench, report }, roomId, api.port, waiting);
  const polled = await polling;
  if (polled && polled.wrong > 0) throw new Error(`wrong polls: ${polled.examples[0]}`);
  // The record is written in batches, behind.
  await delay(1_500);
  await worker.stop();
  await api.stop();
  return idleMs(bench.services.db, roomId);
}

/** From each end of a slot to the call that filled it, by Redis' clock: the nth call fills the nth slot. */
async function idleMs(db: Context['bench']['services']['db'], roomId: string): Promise<number[]> {
  const rows = await db.query<{ kind: string; ms: number }>({
    text: `SELECT kind::text, (extract(epoch FROM at) * 1000)::float8 AS ms FROM room_events
           WHERE room_id = $1 AND kind IN ('LEFT', 'CALLED') ORDER BY at, id`,
    values: [roomId],
  });
  const left = rows.filter((row) => row.kind === 'LEFT').map((row) => row.ms);
  const called = rows.filter((row) => row.kind === 'CALLED').map((row) => row.ms);
  if (left.length !== LEAVERS || called.length < LEAVERS) {
    throw new Error(`${left.length} left, ${called.length} were called`);
  }
  return left.map((ms, nth) => (called[nth] ?? Number.NaN) - ms);
}

/** A number lies between the true ranks right before and right after it was asked for, and never rises. */
async function checkNumbers(
  { bench, report }: Pick<Context, 'bench' | 'report'>,
  roomId: string,
  port: number,
  places: readonly Place[],
): Promise<void> {
  const { redis } = bench.services;
  const { waiting } = roomKeys(roomId);
  const some = places.slice(0, CHECKED);
  const tokens = signQueueTokens(roomId, some);
  const last = new Map<number, number>();
  let wrong = 0;
  let rises = 0;
  for (let round = 0; round < 2; round += 1) {
    for (const [nth, { customerId }] of some.entries()) {
      const before = await redis.zrank(waiting, String(customerId));
      const response = await fetch(`http://127.0.0.1:${port}/customer/waiting`, {
        headers: { authorization: `Bearer ${tokens[nth]}` },
      });
      const { watingNumber: number } = waitingDocument.parse(await response.json());
      const after = await redis.zrank(waiting, String(customerId));
      if (number > Number(before) + 1 || number < Number(after) + 1) wrong += 1;
      if (number > (last.get(customerId) ?? Number.POSITIVE_INFINITY)) rises += 1;
      last.set(customerId, number);
    }
  }
  const answers = `${some.length * 2} answers`;
  report.line({
    what: 'shown number apart from the true rank',
    value: wrong,
    unit: 'answers',
    bound: { atMost: 0 },
    detail: answers,
  });
  report.line({
    what: 'shown number that rose',
    value: rises,
    unit: 'answers',
    bound: { atMost: 0 },
    detail: answers,
  });
}
