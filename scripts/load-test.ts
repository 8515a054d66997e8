import { writeFileSync } from 'node:fs';
import { helpText, type LoadOptions, readOptions } from './load-test/options.ts';
import { type PrivateFoyer, startPrivateFoyer } from './load-test/private-foyer.ts';
import { reportHtml } from './load-test/report-html.ts';
import { reportText } from './load-test/report-text.ts';
import { runLoad, type Target } from './load-test/run.ts';
import { judge } from './load-test/verdict.ts';

/** `npm run load-test`: exits with 1 when --assert is given and something was not kept. */
const stop = new AbortController();
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    signals += 1;
    if (signals > 1) process.exit(130);
    say('stopping: the buyers go home (once more to leave at once)');
    stop.abort();
  });
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(helpText());
  else process.exitCode = await main(options);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function main(options: LoadOptions): Promise<number> {
  const target = await targetOf(options);
  try {
    target.own?.failed.then((why) => {
      if (!stop.signal.aborted) say(why);
      stop.abort();
    }, say);
    const report = await runLoad(options, target, stop.signal, say);
    const checks = judge(report, options);
    process.stdout.write(reportText(report, checks));
    if (options.json)
      writeFileSync(options.json, `${JSON.stringify({ ...report, checks }, null, 2)}\n`);
    if (options.html) writeFileSync(options.html, reportHtml(report, checks));
    return options.assert && checks.some((check) => !check.ok) ? 1 : 0;
  } finally {
    stop.abort();
    await target.own?.stop();
  }
}

async function targetOf(options: LoadOptions): Promise<Target & { own: PrivateFoyer | undefined }> {
  if (options.url === undefined) {
    const own = await startPrivateFoyer({ api: options.api, holdSeconds: options.hold, say });
    return { ...own, own, watched: own.urls };
  }
  const adminKey = options['admin-key'];
  if (adminKey === undefined) {
    throw new Error('--url needs --admin-key: the run makes a room and a concert of its own.');
  }
  const urls = options.url.split(',').map((url) => url.replace(/\/$/, ''));
  return {
    urls,
    watched: urls,
    adminKey,
    databaseUrl: options['database-url'],
    redisUrl: options['redis-url'],
    own: undefined,
  };
}

function say(text: string): void {
  process.stderr.write(`foyer: ${text}\n`);
}
