import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FinishedReport } from './report.ts';
import { type Fault, faultSchedule } from './schedule.ts';

describe('the fault harness', () => {
  const first = (seed: number, count: number): Fault[] => {
    const faults: Fault[] = [];
    for (const fault of faultSchedule(seed)) {
      if (faults.length === count) break;
      faults.push(fault);
    }
    return faults;
  };

  it('strikes with the same faults for the same seed, and with every kind in each round', () => {
    expect(first(7, 100)).toEqual(first(7, 100));
    expect(first(7, 100)).not.toEqual(first(8, 100));
    expect(new Set(first(7, 23).map((fault) => fault.kind)).size).toBe(13);
  });

  it('finds nothing broken while real processes and servers are killed, frozen, cut off and emptied', async () => {
    const json = join(
      mkdtempSync(join(process.env['TEST_DIR'] ?? '/tmp', 'faults-')),
      'report.json',
    );
    const args = ['--minutes', '0.55', '--seed', '20', '--recover', '60', '--json', json];
    const run = promisify(execFile)(process.execPath, ['dist/test/faults/main.js', ...args]);
    const output = await run.catch((error: { stdout: string; stderr: string }) => error);
    const report: FinishedReport = JSON.parse(readFileSync(json, 'utf8'));
    if (report.violations.length > 0) process.stderr.write(output.stderr);
    expect(report.violations).toEqual([]);
    expect(report.faultsTotal).toBeGreaterThan(3);
    expect(report.stored['payments']).toBeGreaterThan(10);
    expect(report.checks.made).toBeGreaterThan(10);
  }, 300_000);
});
