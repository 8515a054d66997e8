import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { createProcesses, type Descendant, stillAlive } from '../support/process.ts';

/** Processes whose end was not as planned; all on one data folder, one after the other. */
describe('the process ends', () => {
  const processes = createProcesses();
  const { run, ready, stop, ended, dataDir, descendants } = processes;
  const env = { DEMO_DATA: 'false' };
  afterAll(() => processes.close());

  const nobodyLeft = (children: Descendant[]) =>
    eventually(() => expect(stillAlive(children)).toEqual([]));

  it('with its servers even when it is killed, and the next start takes over at once', async () => {
    const killed = await run('main', env);
    await ready(killed);
    const children = descendants(killed);
    await stop(killed, 'SIGKILL');
    // Its lock is there and its servers may still be writing: the next one waits for them.
    const next = await run('main', env);
    await ready(next);
    expect(stillAlive(children)).toEqual([]);
    const others = descendants(next);
    expect(await stop(next, 'SIGTERM')).toBe(0);
    await nobodyLeft(others);
  });

  it('and is not mistaken for another that has its number now', async () => {
    // As after the restart of a container: the number of the lock is that of a living process.
    writeFileSync(join(dataDir, 'foyer.lock'), `${process.pid} 1`);
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${process.pid}\n`);
    writeFileSync(join(dataDir, 'redis', 'redis.pid'), `${process.pid}\n`);
    const started = await run('main', env);
    await ready(started);
    expect(readFileSync(join(dataDir, 'foyer.lock'), 'utf8')).toMatch(
      new RegExp(`^${started.child.pid} `),
    );
    expect(await stop(started, 'SIGTERM')).toBe(0);
  });

  it('in phases when one Ctrl-C arrives twice, and at once at a second one', async () => {
    const started = await run('main', env);
    await ready(started);
    const children = descendants(started);
    // A request that is still being sent holds the drain up.
    const slow = connect(started.port, '127.0.0.1');
    slow.on('error', () => undefined);
    await once(slow, 'connect');
    slow.write('POST /customer/identify HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n');
    await fetch(`${started.url}/health/live`);
    started.child.kill('SIGINT');
    started.child.kill('SIGINT');
    await eventually(() => expect(started.output()).toContain('stopping (SIGINT)'));
    await eventually(() => {
      started.child.kill('SIGINT');
      expect(started.child.exitCode).toBe(130);
    });
    expect(started.output()).not.toContain('stopped');
    slow.destroy();
    await nobodyLeft(children);
    const twice = await run('main', env);
    await ready(twice);
    twice.child.kill('SIGINT');
    expect(await stop(twice, 'SIGINT')).toBe(0);
    expect(twice.output()).toMatch(/foyer: stopping \(SIGINT\)\nfoyer: stopped\n$/);
  });

  it.each(['redis-server', 'postgres'])(
    'with a sentence when its private %s dies, and stops the other',
    async (name) => {
      const started = await run('main', env);
      await ready(started);
      const children = descendants(started);
      const server = children.find((one) => one.name === name);
      if (!server) throw new Error(`no ${name}`);
      process.kill(server.pid, 'SIGKILL');
      expect(await ended(started)).toBe(1);
      expect(started.output()).toMatch(
        new RegExp(`foyer: stopping \\(\\S*${name === 'postgres' ? 'unshare|postgres' : name}`),
      );
      await nobodyLeft(children);
    },
  );
});
