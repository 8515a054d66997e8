import { parseArgs } from 'node:util';
import { isError } from '../../src/platform/errors.ts';
import { untilAsked } from '../../src/platform/shutdown.ts';
import { BENCHMARKS, ELSEWHERE } from './catalogue.ts';
import { createReport } from './report.ts';
import { FULL, QUICK, type Size } from './rounds.ts';
import { type Bench, startBench } from './servers.ts';

const USAGE = `npm run bench -- [names] [flags]: how fast, each against its baseline in the same run.

  names             parts (room, money, whole) or single benchmarks; all when none is named
  --quick           fewer rounds, smaller crowds: a look, not a measurement
  --assert          exit code 1 when a target is missed; without it only when an answer was wrong or a run failed
  --soak-minutes M  also runs for M minutes and holds the memory of the first third against the last
  --json FILE       where the figures go, .foyer/bench/bench.json by default
  --profile DIR     every process under measurement leaves a CPU profile there
  --list            the names, and what they measure
`;

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

await main().catch((error: unknown) => {
  process.stderr.write(`foyer: ${isError(error) ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const { values: flags, positionals: names } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      assert: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      json: { type: 'string', default: '.foyer/bench/bench.json' },
      profile: { type: 'string' },
      'soak-minutes': { type: 'string', default: '0' },
    },
  });
  if (flags.help) return say(USAGE);
  if (flags.list) {
    for (const one of BENCHMARKS) say(`${one.part.padEnd(6)}${one.name.padEnd(14)}${one.what}`);
    return;
  }
  const known = new Set(BENCHMARKS.flatMap((one) => [one.name, one.part]));
  const unknown = names.find((name) => !known.has(name));
  if (unknown !== undefined) throw new Error(`There is no benchmark ${unknown}; see --list.`);
  const soakMinutes = Number(flags['soak-minutes']);
  if (!(soakMinutes >= 0)) throw new Error('--soak-minutes must be a number of minutes.');
  const size: Size = { ...(flags.quick ? QUICK : FULL), soakMinutes };
  const chosen = BENCHMARKS.filter(
    (one) => names.length === 0 || names.includes(one.name) || names.includes(one.part),
  );
  const verdict = await measure(
    chosen.map((one) => one.name),
    size,
    flags,
  );
  // What was under way, a sale of minutes perhaps, has lost its servers.
  if (verdict === undefined) process.exit(130);
  if (verdict.failed > 0 || (flags.assert && verdict.short > 0)) process.exitCode = 1;
}

/** @returns undefined when it was stopped before its end */
async function measure(
  names: string[],
  size: Size,
  { json, profile }: { json: string; profile?: string },
): Promise<{ failed: number; short: number } | undefined> {
  const report = createReport(say);
  let bench: Bench | undefined;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= bench?.close() ?? Promise.resolve();
    return closing;
  };
  const stopped = untilAsked(() => process.exit(130)).then(() => 'stopped' as const);
  const work = async (): Promise<'done'> => {
    bench = await startBench({ say, profileDir: profile });
    for (const benchmark of BENCHMARKS.filter((one) => names.includes(one.name))) {
      report.section(`${benchmark.part}: ${benchmark.what}`, benchmark.name);
      try {
        await benchmark.run({ bench, report, size });
      } catch (error) {
        if (closing) return 'done';
        report.failed(benchmark.name, error);
      }
      await bench.tidy();
    }
    return 'done';
  };
  const working = work();
  const how = await Promise.race([working, stopped]).finally(close);
  if (how === 'stopped') {
    say('stopped');
    return undefined;
  }
  for (const line of ELSEWHERE) report.note(line);
  return report.end(json);
}
