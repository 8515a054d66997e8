import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printed } from './report.ts';
import { runFaults } from './run.ts';
import { startSystem } from './system.ts';

/**
 * `npm run faults -- --minutes M --seed S`: real processes and servers, buyers who do everything, and faults.
 * Prints a report, writes it as JSON where `--json FILE` says, and ends with 1 when anything was violated.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    /** Seconds within which a sale must succeed after each fault. */
    recover: { type: 'string', default: '15' },
    json: { type: 'string' },
  },
});
const HOLD_SECONDS = 3;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
say('starting two API processes and two workers on private servers …');
const system = await startSystem(HOLD_SECONDS);
let stopping: Promise<void> | undefined;
const stop = (keepLogs: boolean): Promise<void> => {
  stopping ??= system.stop({ keepLogs });
  return stopping;
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stop(false).then(() => process.exit(1)));
}
try {
  const report = await runFaults(system, {
    forMs: Number(values.minutes) * 60_000,
    seed: Number(values.seed),
    saleWithinMs: Number(values.recover) * 1_000,
    say,
  });
  process.stdout.write(printed(report));
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(report, null, 2));
  const broken = report.violations.length > 0;
  if (broken) say(`the logs of the processes are in ${system.folder}/logs`);
  await stop(broken);
  process.exit(broken ? 1 : 0);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  await stop(true);
  process.exit(2);
}
