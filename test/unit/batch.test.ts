import { setImmediate as turn } from 'node:timers/promises';
import { createBatch, promised } from '../../src/platform/batch.ts';

describe('a batch', () => {
  const SIZE_MAX = 3;

  function batches(restMs?: number) {
    const runs: number[][] = [];
    const ask = promised(
      createBatch<number, number>({
        keyOf: () => 'room',
        run: async (_, requests) => {
          runs.push(requests);
          return requests.map((request) => request * 10);
        },
        sizeMax: SIZE_MAX,
        ...(restMs === undefined ? {} : { restMs }),
      }),
    );
    return { ask, runs };
  }

  it('holds what one turn asked, and no more than it may', async () => {
    const { ask, runs } = batches();
    expect(await Promise.all([1, 2, 3, 4].map(ask))).toEqual([10, 20, 30, 40]);
    expect(await ask(5)).toBe(50);
    expect(runs).toEqual([[1, 2, 3], [4], [5]]);
  });

  it('waits for further turns when the last was just now, unless it is full', async () => {
    const { ask, runs } = batches(400);
    const first = ask(1);
    await turn();
    expect(await first).toBe(10);
    const second = ask(2);
    await turn();
    const third = ask(3);
    await turn();
    expect(runs).toEqual([[1]]);
    expect(await Promise.all([second, third])).toEqual([20, 30]);
    expect(runs).toEqual([[1], [2, 3]]);
    const many = Promise.all([4, 5, 6, 7].map(ask));
    await turn();
    expect(runs).toEqual([[1], [2, 3], [4, 5, 6]]);
    expect(await many).toEqual([40, 50, 60, 70]);
  });
});
