import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.ts';
import { type Fleet, startFleet } from '../support/fleet.ts';
import { keepStream } from '../support/kept-stream.ts';
import { sendAtRate } from '../support/load.ts';
import { sellThrough } from '../support/sell-through.ts';
import { PATIENTLY, SLOWLY_MS, walkThrough } from '../support/walk.ts';

const POLLS_PER_SECOND = 500;
const RESERVATIONS_PER_SECOND = 20;
const WAITERS = 200;
const SHOPPERS = 60;
const STREAMS = 10;

describe('two API processes behind nginx and two workers', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet();
  }, SLOWLY_MS);
  afterAll(() => fleet?.close());

  const json = (token: string, more: Record<string, string> = {}) => ({
    'Content-Type': 'application/json',
    Authorization: `Bearer ${token}`,
    ...more,
  });

  async function enter(roomId: string, count: number) {
    const customers = await fleet.stack.customers(count);
    return Promise.all(
      customers.map(async (customerId) => {
        const reply = await fetch(`${fleet.url}/customer/waiting/enter`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ customerId, roomId }),
        });
        const { token, status } = JSON.parse(await reply.text());
        return { customerId, token: String(token), status: String(status) };
      }),
    );
  }

  /** People who wait and poll, and people who reserve a seat of their own and give it back. */
  async function openLoad() {
    const { stack, url } = fleet;
    const closed = await stack.room({ capacity: 1 });
    const waiters = (await enter(closed, WAITERS)).filter((one) => one.status === 'WAITING');
    expect(waiters).toHaveLength(WAITERS - 1);
    const roomId = await stack.room({ capacity: SHOPPERS });
    const { concertId, optionIds } = await stack.concert({ roomId, seats: SHOPPERS });
    const shoppers = await enter(roomId, SHOPPERS);
    expect(shoppers.every((one) => one.status === 'ACTIVE')).toBe(true);
    const held: number[] = [];

    const poll = (nth: number) =>
      fetch(`${url}/customer/waiting`, {
        headers: json(waiters[nth % waiters.length]?.token ?? ''),
      });
    async function reserve(nth: number, key = randomUUID()): Promise<Response> {
      const { customerId = 0, token = '' } = shoppers[nth % SHOPPERS] ?? {};
      const reply = await fetch(`${url}/reservation/reserve`, {
        method: 'POST',
        headers: json(token, { 'Idempotency-Key': key }),
        body: JSON.stringify({
          reserver: { customerId, reserverName: 'Kim' },
          concertId,
          performances: [{ optionId: optionIds[0], seatId: (nth % SHOPPERS) + 1 }],
        }),
      });
      if (reply.status !== 200) return reply;
      const { reservationId } = JSON.parse(await reply.text());
      held.push(reservationId);
      return fetch(`${url}/reservation/${reservationId}`, {
        method: 'DELETE',
        headers: json(token),
      });
    }
    return { waiters, concertId, held, poll, reserve };
  }

  it('sell from the line to the ticket', () => walkThrough(fleet.stack), SLOWLY_MS);

  it(
    'keep capacity and order together, also when an API and a worker are killed',
    async () => {
      const sale = await sellThrough(fleet.stack, async () => {
        await Promise.all([fleet.stop('worker', 0, 'SIGKILL'), fleet.stop('api', 0, 'SIGKILL')]);
        await Promise.all([fleet.again('worker', 0), fleet.again('api', 0)]);
      }, [...fleet.urls, fleet.url]);
      expect(sale.unavailable).toBeGreaterThan(0);
    },
    SLOWLY_MS,
  );

  it(
    'restart one after the other under load and lose no request; streams come back',
    async () => {
      const { waiters, concertId, held, poll, reserve } = await openLoad();
      const streams = waiters.slice(0, STREAMS).map((one) => keepStream(fleet.url, one.token));
      const open = () => {
        for (const stream of streams) expect(stream.documents).toBeGreaterThan(0);
      };
      await eventually(open, PATIENTLY);
      const polls = sendAtRate(POLLS_PER_SECOND, poll);
      const reservations = sendAtRate(RESERVATIONS_PER_SECOND, reserve);
      for (const script of ['api', 'worker'] as const) {
        for (const nth of [0, 1]) {
          const before = polls.answered;
          expect(await fleet.stop(script, nth, 'SIGTERM')).toBe(0);
          await fleet.again(script, nth);
          await eventually(() => expect(polls.answered).toBeGreaterThan(before), PATIENTLY);
        }
      }
      const [polled, reserved] = await Promise.all([polls.stop(), reservations.stop()]);
      for (const [what, of, figures] of [
        ['polls', polls, polled],
        ['reservations, each given back', reservations, reserved],
      ] as const) {
        process.stderr.write(
          `4 restarts in ${figures.seconds.toFixed(1)} s: ${figures.sent} ${what}, ${figures.perSecond.toFixed(1)} a second, at most ${figures.lateMsMax.toFixed(0)} ms late; answers ${JSON.stringify(of.answers)}\n`,
        );
      }
      await eventually(open, PATIENTLY);
      await Promise.all(streams.map((stream) => stream.stop()));

      expect([polls.failures, polls.refused, reservations.failures]).toEqual([[], 0, []]);
      // As many as the rates owe for the time of the restarts, and every one of them answered.
      expect([polls.answered, reservations.answered]).toEqual([polled.owed, reserved.owed]);
      expect(polls.answers).toEqual({ 200: polled.owed });
      expect(streams.flatMap((stream) => stream.broken)).toEqual([]);
      for (const stream of streams) expect(stream.opened).toBeGreaterThan(1);
      // Every reservation that was confirmed to a buyer is there.
      const rows = await fleet.stack.services.db.query<{ id: number }>({
        text: 'SELECT id FROM reservations WHERE concert_id = $1',
        values: [concertId],
      });
      expect(held.length).toBeGreaterThan(RESERVATIONS_PER_SECOND);
      const kept = new Set(rows.map((row) => row.id));
      expect(held.filter((id) => !kept.has(id))).toEqual([]);
    },
    SLOWLY_MS,
  );

  it(
    'answer every poll while one of them is killed',
    async () => {
      const { poll } = await openLoad();
      const polls = sendAtRate(POLLS_PER_SECOND, poll);
      await eventually(() => expect(polls.answered).toBeGreaterThan(WAITERS), PATIENTLY);
      const before = polls.answered;
      await fleet.stop('api', 0, 'SIGKILL');
      await eventually(
        () => expect(polls.answered).toBeGreaterThan(before + 2 * WAITERS),
        PATIENTLY,
      );
      await fleet.again('api', 0);
      await polls.stop();
      expect([polls.failures, polls.refused]).toEqual([[], 0]);
    },
    SLOWLY_MS,
  );
});
