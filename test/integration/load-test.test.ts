import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { ADMIN_KEY, type Stack, startStack } from '../support/stack.ts';

/** `npm run load-test` as a process, as users run it. */
describe('the load test', () => {
  const folder = mkdtempSync(join(process.env['TEST_DIR'] ?? '/tmp', 'load-'));
  const file = (name: string): string => join(folder, name);
  const running = new Set<ChildProcess>();
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function start(...flags: string[]) {
    const child = spawn(process.execPath, ['dist/scripts/load-test.js', ...flags], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const seen = { output: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text) => {
        seen.output += text;
      });
    }
    const ended = once(child, 'exit').then(([code]) => {
      running.delete(child);
      return code;
    });
    return { child, ended, seen };
  }

  const processes = (): string =>
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(folder))
      .join('\n');

  it('sells out a private Foyer to a crowd, keeps every guarantee, reports it three ways and leaves nothing', async () => {
    const crowd = ['--buyers', '200', '--seats', '20', '--slots', '20', '--over', '1'];
    const pace = ['--think', '0.4', '--hold', '2', '--slot-time', '10', '--grace', '4'];
    const reports = ['--json', file('report.json'), '--html', file('report.html')];
    const run = start(...crowd, ...pace, ...reports, '--assert', '--max-overrun', '0');
    await run.ended;
    expect(run.seen.output.match(/^BROKEN.*$/gm)).toBeNull();
    expect([await run.ended, run.seen.output]).toEqual([0, expect.stringContaining('20 of 20')]);

    const report = JSON.parse(readFileSync(file('report.json'), 'utf8'));
    expect(report).toMatchObject({
      cutShort: false,
      errorRate: 0,
      capacity: 20,
      sale: { soldOnMap: 20, soldToBuyers: 20 },
      seen: { soldTwice: 0, inversions: 0, numberRises: 0, lostPlaces: 0 },
      audit: { seatsSold: 20, seatsSoldTwice: 0, inversions: 0, slotsHeldMax: 20 },
    });
    expect(report.seen.entered).toBeGreaterThanOrEqual(200);
    expect(report.seen.collisions).toBeGreaterThan(0);
    expect(report.line.slotsMax).toBe(20);
    expect(report.processes.map((one: { name: string }) => one.name)).toEqual(
      expect.arrayContaining(['postgres', 'redis', 'api 1', 'worker', 'load test']),
    );
    const polls = report.operations.find((one: { operation: string }) => one.operation === 'poll');
    expect(polls.count).toBeGreaterThan(200);
    expect(polls.corrected.p99).toBeGreaterThanOrEqual(polls.corrected.p50);

    const page = readFileSync(file('report.html'), 'utf8');
    expect(page.match(/<svg /g)?.length).toBe(5);
    expect(page).not.toMatch(/(?:src|href)=|https?:/);
    expect(processes()).toBe('');
  });

  it('ends at Ctrl-C with a report of what it saw, and stops what it started', async () => {
    const run = start('--buyers', '100', '--think', '60', '--over', '30');
    await eventually(() => expect(run.seen.output).toContain('entered'), { timeoutMs: 30_000 });
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.seen.output).toMatch(/cut short/);
    expect(run.seen.output).toMatch(/^ok {6}seats sold twice +0$/m);
    expect(processes()).toBe('');
  });

  describe('against a system that runs already', () => {
    let stack: Stack;
    beforeAll(async () => {
      stack = await startStack({ workers: 1 });
    });
    afterAll(() => stack.close());

    it('makes its own room, concert and customers through the admin API, and needs nothing else', async () => {
      const where = ['--url', stack.url, '--admin-key', ADMIN_KEY, '--json', file('given.json')];
      const crowd = ['--buyers', '30', '--seats', '10', '--slots', '5', '--over', '1'];
      const pace = ['--think', '0.3', '--abandon', '0', '--vanish', '0', '--away', '0'];
      const run = start(...where, ...crowd, ...pace, '--assert', '--max-overrun', '0');
      expect([await run.ended, run.seen.output]).toEqual([0, expect.stringContaining('10 of 10')]);
      const report = JSON.parse(readFileSync(file('given.json'), 'utf8'));
      expect(report.audit).toBeUndefined();
      // Who was made through the API has no points: all of them top up first.
      expect(report.operations.map((one: { operation: string }) => one.operation)).toContain(
        'charge',
      );
      expect(report.processes[0]).toMatchObject({ name: stack.url });
      expect(JSON.stringify(report)).not.toContain(ADMIN_KEY);
    });

    it('says in one sentence what it was not given, or may not do', async () => {
      const keyless = start('--url', stack.url);
      expect([await keyless.ended, keyless.seen.output]).toEqual([
        1,
        'foyer: --url needs --admin-key: the run makes a room and a concert of its own.\n',
      ]);
      const wrong = start('--url', stack.url, '--admin-key', 'wrong', '--quiet');
      expect(await wrong.ended).toBe(1);
      expect(wrong.seen.output).toMatch(
        /answered 401 UNAUTHENTICATED: is the admin key right\?\n$/,
      );
      const many = start('--buyers', 'many');
      expect([await many.ended, many.seen.output]).toEqual([
        1,
        'foyer: --buyers: a whole number from 1 to 100000\n',
      ]);
    });
  });
});
