import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { bindApart } from '../../scripts/bench/cores.ts';

/** The cores that the process' main thread may run on, as Linux lists them. */
function coresOf(pid: number): string | undefined {
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

describe('bindApart', () => {
  const sleepers: ChildProcess[] = [];

  async function sleeper(): Promise<number> {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    sleepers.push(child);
    await once(child, 'spawn');
    return child.pid ?? 0;
  }

  afterAll(() => {
    for (const child of sleepers) child.kill();
  });

  it('gives a server one core and all else the others, and lets them run anywhere again', async () => {
    const [server, other] = [await sleeper(), await sleeper()];
    const all = coresOf(process.pid);
    const release = bindApart([server], [other]);
    const bound = [coresOf(server), coresOf(other), coresOf(process.pid)];
    release?.();
    if (availableParallelism() === 1) {
      expect(release).toBeUndefined();
    } else {
      expect(bound[0]).toMatch(/^\d+$/);
      expect(bound[1]).not.toBe(all);
      expect(bound[1]?.split(/[,-]/)).not.toContain(bound[0]);
      expect(bound[2]).toBe(bound[1]);
    }
    expect([server, other, process.pid].map(coresOf)).toEqual([all, all, all]);
  });

  it('keeps a process, what it began and what that began with the others', async () => {
    // As Postgres runs: a guard, the server, and the processes of its connections.
    const began = 'sleep 60 & echo $!; wait';
    const guard = spawn('sh', ['-c', `sh -c '${began}' & echo $!; wait`], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const { pid } = guard;
    if (pid === undefined) throw new Error('no shell');
    try {
      const lines = createInterface(guard.stdout)[Symbol.asyncIterator]();
      const told = [await lines.next(), await lines.next()];
      const family = [pid, ...told.map(({ value }) => Number(value))];
      const all = coresOf(process.pid);
      const release = bindApart([await sleeper()], [], pid);
      const bound = [process.pid, ...family].map(coresOf);
      release?.();
      expect(new Set(bound).size).toBe(1);
      if (availableParallelism() > 1) expect(bound[0]).not.toBe(all);
      expect(family.map(coresOf)).toEqual([all, all, all]);
    } finally {
      process.kill(-pid);
    }
  });

  it('binds nothing when one of them is gone', () => {
    const all = coresOf(process.pid);
    // No process has so high a number.
    expect(bindApart([2 ** 30], [])).toBeUndefined();
    expect(bindApart([], [2 ** 30])).toBeUndefined();
    expect(bindApart([], [], 2 ** 30)).toBeUndefined();
    expect(coresOf(process.pid)).toBe(all);
  });
});
