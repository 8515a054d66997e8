// `npm test`: prepares what is missing, starts a private Postgres with a migrated template, runs Jest, stops
// what it started, and ends with a line `N passed, N failed`. Arguments are passed on to Jest.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, say, setup, systemTools } from './setup.mjs';

setup();
systemTools(['redis', 'chromium', 'nginx', 'prometheus']);
const { startTestPostgres } = await import('../dist/scripts/test-postgres.js');

const dir = mkdtempSync(join(tmpdir(), 'foyer-test-'));
const report = join(dir, 'report.json');
let postgres;
let code = 1;
try {
  postgres = await startTestPostgres({ dir, prismaDir: join(ROOT, 'prisma'), say });
  code = await jest();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
} finally {
  await postgres?.stop();
}
const { passed, failed } = counts();
rmSync(dir, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : code;

function jest() {
  return new Promise((resolve) => {
    const args = [
      '--experimental-vm-modules',
      '--no-warnings',
      join(ROOT, 'node_modules/jest/bin/jest.js'),
      '--json',
      `--outputFile=${report}`,
      ...process.argv.slice(2),
    ];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      detached: true,
      // What Jest prints as JSON is in the report already.
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, TEST_POSTGRES_URL: postgres.url, TEST_DIR: dir },
    });
    // A group of its own: Jest's workers would outlive a Jest that is asked to stop.
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => process.kill(-child.pid, signal));
    }
    child.on('exit', (status) => resolve(status ?? 1));
  });
}

function counts() {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    };
  } catch {
    return { passed: 0, failed: 1 };
  }
}
