import type { PlaceView } from '../../src/waiting-room/places.ts';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

const CAPACITY = 4;
const STOPPED_MS = 10_000;

describe('with workers that are processes of their own', () => {
  let stack: Stack;
  const workers: WorkerProcess[] = [];
  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(async () => {
    await Promise.all(workers.map((worker) => worker.end()));
    await stack.close();
  });

  async function start(): Promise<WorkerProcess> {
    const worker = await startWorkerProcess(stack);
    workers.push(worker);
    return worker;
  }

  /** People with slots of a second, who poll as fast as they are answered, and a look at the limit after each round. */
  async function crowd(people: number) {
    const roomId = await stack.room({ capacity: CAPACITY, slotSeconds: 1, graceSeconds: 60 });
    const { line } = stack.services.waitingRoom;
    const places = await Promise.all(
      Array.from({ length: people }, (_, nth) => line.enter({ roomId, customerId: nth + 1 })),
    );
    let most = 0;
    /** One round: everybody looks, at one moment. Who was served is the front of the line, without a gap. */
    async function round(): Promise<PlaceView[]> {
      const views = await Promise.all(places.map((place) => line.look(place)));
      const served = views.filter((view) => view.status !== 'WAITING').length;
      expect(views.slice(0, served).some((view) => view.status === 'WAITING')).toBe(false);
      most = Math.max(most, await stack.services.redis.zcard(`wr:{${roomId}}:active`));
      return views;
    }
    return {
      round,
      served: async () => (await round()).filter((view) => view.status !== 'WAITING').length,
      most: () => most,
      nowMs: async () => Number((await stack.services.redis.time())[0]) * 1_000,
    };
  }

  it('holds limit and order while workers are killed at work, and goes on with those that are left', async () => {
    const people = 24;
    const [first, second] = await Promise.all([start(), start()]);
    const room = await crowd(people);
    for (const [victim, until] of [
      [first, 6],
      [second, 12],
    ] as const) {
      const heir = start();
      await eventually(async () => expect(await room.served()).toBeGreaterThanOrEqual(until), {
        everyMs: 5,
      });
      victim.signal('SIGKILL');
      await heir;
    }
    await eventually(
      async () => {
        const views = await room.round();
        expect(views.every((view) => view.status === 'EXPIRED')).toBe(true);
      },
      { timeoutMs: 40_000, everyMs: 20 },
    );
    expect(room.most()).toBe(CAPACITY);
  });

  it('holds limit and order while a worker sleeps and wakes: the other works on, and a lone one catches up', async () => {
    for (const worker of workers) await worker.end();
    const [sleeper, other] = await Promise.all([start(), start()]);
    const people = 120;
    const room = await crowd(people);
    const since = await room.nowMs();
    sleeper.signal('SIGSTOP');
    // The other serves on all the time: a slot lasts a second.
    await eventually(async () => expect(await room.served()).toBeGreaterThanOrEqual(20), {
      everyMs: 20,
    });
    await other.end();
    await eventually(
      async () => {
        await room.round();
        expect(await room.nowMs()).toBeGreaterThan(since + STOPPED_MS);
      },
      { timeoutMs: STOPPED_MS * 2, everyMs: 50 },
    );
    const before = await room.served();
    sleeper.signal('SIGCONT');
    await eventually(
      async () => expect(await room.served()).toBeGreaterThanOrEqual(before + 3 * CAPACITY),
      { everyMs: 20 },
    );
    expect(room.most()).toBe(CAPACITY);
  });

  it('ends well while Redis is away, though its jobs and their queues wait for it', async () => {
    for (const worker of workers) await worker.end();
    const [worker, idle] = await Promise.all([start(), start()]);
    const roomId = await stack.room({ capacity: CAPACITY });
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [customerId = 0] = await stack.customers(1);
    const caller = await stack.activate(roomId, customerId);
    for (const one of [worker, idle]) one.signal('SIGSTOP');
    await stack.api
      .post('/reservation/reserve')
      .set(caller.headers)
      .send({
        reserver: { customerId, reserverName: 'Kim' },
        concertId,
        performances: [{ optionId: optionIds[0], seatId: 1 }],
      })
      .expect(200);
    await stack.redis.stop();
    for (const one of [worker, idle]) one.signal('SIGCONT');
    // One of the two delivers the hold: the job that releases it waits for Redis.
    await eventually(async () => {
      const { items } = await stack.services.outbox.list({
        pending: true,
        cursor: undefined,
        limit: 10,
      });
      expect(items[0]?.attempts).toBeGreaterThan(0);
    });
    expect(await Promise.all([worker.end(), idle.end()])).toEqual([0, 0]);
    await stack.redis.start();
  });
});
