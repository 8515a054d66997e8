// `npm run mutants`: breaks each guarantee that test/mutants.mjs lists, one at a time, in a copy of the tree, and
// expects the named tests to fail. Ends with a line `N caught, N survived`. Arguments choose mutants by name.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS } from '../test/mutants.mjs';
import { ROOT, setup } from './setup.mjs';

setup();
/** A guarantee whose loss makes a test hang is caught too. */
const RUN_TIMEOUT_MS = 300_000;
const wanted = process.argv.slice(2);
const chosen = MUTANTS.filter(({ name }) => wanted.every((word) => name.includes(word)));
const copy = mkdtempSync(join(tmpdir(), 'foyer-mutants-'));
let survived = 0;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopped = true;
  });
}
try {
  for (const part of [
    'src',
    'prisma',
    'scripts',
    'test',
    'dist',
    'package.json',
    'jest.config.mjs',
    'tsconfig.json',
    'tsconfig.build.json',
    '.env.example',
  ]) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const mutant of chosen) {
    if (stopped) break;
    const caught = tryOne(mutant);
    if (!caught) survived += 1;
    console.log(`${caught ? 'caught  ' : 'SURVIVED'}  ${mutant.name}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - survived} caught, ${survived} survived`);
process.exitCode = survived > 0 || stopped ? 1 : 0;

/** Applies a mutant, runs its tests, and takes it back. */
function tryOne({ file, find, replace, also = [], tests }) {
  const before = new Map();
  for (const [path, from, to] of [[file, find, replace], ...also]) {
    const full = join(copy, path);
    const text = readFileSync(full, 'utf8');
    if (!before.has(full)) before.set(full, text);
    if (text.split(from).length !== 2 && path === file) {
      throw new Error(`${path} should have this once: ${from}`);
    }
    if (!text.includes(from)) throw new Error(`${path} does not have: ${from}`);
    writeFileSync(
      full,
      text.replaceAll(from, () => to),
    );
  }
  const { status, stdout, error } = spawnSync(process.execPath, ['scripts/test.mjs', ...tests], {
    cwd: copy,
    encoding: 'utf8',
    timeout: RUN_TIMEOUT_MS,
    env: { ...process.env, FOYER_PREPARED: '1' },
  });
  for (const [full, text] of before) writeFileSync(full, text);
  if (error?.code === 'ETIMEDOUT') return true;
  // A run that could not start proves nothing.
  const ran = /^[1-9]\d* passed, \d+ failed$|^\d+ passed, [1-9]\d* failed$/m.test(stdout ?? '');
  if (!ran) throw new Error(`the tests of "${file}" did not run:\n${stdout}`);
  return status !== 0;
}
