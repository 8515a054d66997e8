import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
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

  it('keeps a process and all that it began with the others', async () => {
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const [line] = await once(parent.stdout, 'data');
    const family = [parent.pid ?? 0, Number(String(line))];
    try {
      const all = coresOf(process.pid);
      const release = bindApart([await sleeper()], [], parent.pid);
      const bound = [process.pid, ...family].map(coresOf);
      release?.();
      expect(new Set(bound).size).toBe(1);
      if (availableParallelism() > 1) expect(bound[0]).not.toBe(all);
      expect(family.map(coresOf)).toEqual([all, all]);
    } finally {
      process.kill(-(parent.pid ?? 0));
    }
  });

  it('binds nothing when one of them is gone', () => {
    const all = coresOf(process.pid);
    // No process has so high a number.
    expect(bindApart([2 ** 30], [])).toBeUndefined();
    expect(coresOf(process.pid)).toBe(all);
  });
});
