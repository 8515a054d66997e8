// `npm run mutants`: breaks each guarantee that test/mutants.mjs lists, one at a time, in a copy of the tree, and
// expects the named tests to fail, saying which did. Ends with a line `N caught, N survived`. Arguments choose
// mutants by words of their names.
import { spawn } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MUTANTS } from '../test/mutants.mjs';
import { ROOT, setup } from './setup.mjs';

setup();
/** A guarantee whose loss makes a test hang is caught too. */
const RUN_TIMEOUT_MS = 300_000;
const NOT_COPIED = new Set(['node_modules', '.git', '.foyer']);
const wanted = process.argv.slice(2);
const chosen = MUTANTS.filter(({ name }) => wanted.every((word) => name.includes(word)));
const copy = mkdtempSync(join(tmpdir(), 'foyer-mutants-'));
let survived = 0;
let running;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    stopped = true;
    running?.kill(signal);
  });
}
try {
  for (const mutant of chosen) requireFound(mutant);
  for (const part of readdirSync(ROOT)) {
    if (!NOT_COPIED.has(part)) cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const mutant of chosen) {
    const failures = await tryOne(mutant);
    if (stopped) break;
    if (failures.length === 0) survived += 1;
    console.log(`${failures.length > 0 ? 'caught  ' : 'SURVIVED'}  ${mutant.name}`);
    for (const failure of failures) console.log(`          ${failure}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
if (stopped) console.log('stopped before the end');
else console.log(`${chosen.length - survived} caught, ${survived} survived`);
process.exitCode = survived > 0 || stopped ? 1 : 0;

function edits({ file, find, replace, also = [] }) {
  return [[file, find, replace], ...also];
}

/** What a mutant looks for stands in the tree as it is, before an hour is spent on others. */
function requireFound(mutant) {
  for (const [path, from] of edits(mutant)) {
    const times = readFileSync(join(ROOT, path), 'utf8').split(from).length - 1;
    if (times === 0) throw new Error(`${path} does not have: ${from}`);
    if (times > 1 && path === mutant.file && from === mutant.find) {
      throw new Error(`${path} should have this once: ${from}`);
    }
  }
}

/** Applies a mutant, runs its tests, and takes it back. Which tests failed. */
async function tryOne(mutant) {
  const before = new Map();
  for (const [path, from, to] of edits(mutant)) {
    const text = readFileSync(join(copy, path), 'utf8');
    if (!before.has(path)) before.set(path, text);
    if (!text.includes(from)) throw new Error(`${path} does not have: ${from}`);
    write(
      path,
      text.replaceAll(from, () => to),
    );
  }
  const pages = edits(mutant).some(([path]) => path.startsWith('src/web/'));
  await build();
  if (pages) await buildPages();
  if (stopped) return [];
  const { status, stdout, stderr } = await run(['scripts/test.mjs', ...mutant.tests], {
    FOYER_PREPARED: '1',
  });
  for (const [path, text] of before) write(path, text);
  if (stopped) return [];
  if (pages) await buildPages();
  if (status === 'timeout') return ['(hung)'];
  if (status === 0) return [];
  // A run that could not start proves nothing, and neither does a file that could not be loaded: no test is named.
  const failed = stderr.match(/^ {2}● .+ › .+\n+.+$/gm) ?? [];
  if (failed.length === 0) {
    console.log(`the tests of "${mutant.name}" did not run:\n${stdout}${stderr}`);
    return [];
  }
  return [
    ...new Set(
      failed.map((text) =>
        text
          .trim()
          .slice(2)
          .replaceAll(/\s*\n\s*/g, ': '),
      ),
    ),
  ];
}

/** Scripts are read from beside the built files where a test starts real processes. */
function write(path, text) {
  writeFileSync(join(copy, path), text);
  if (path.endsWith('.lua')) writeFileSync(join(copy, 'dist', path), text);
}

/** What tests start as processes of their own is broken too. Unused names that a mutant leaves are no matter. */
async function build() {
  const compiler = join('node_modules', 'typescript', 'bin', 'tsc');
  const incremental = ['--incremental', '--tsBuildInfoFile', '.tsbuildinfo'];
  await run([compiler, '-p', 'tsconfig.build.json', ...incremental], {});
}

/** What browsers load. */
async function buildPages() {
  const { status, stderr } = await run([join('scripts', 'build-pages.mjs')], {});
  if (status !== 0) throw new Error(`the pages of a mutant were not built: ${stderr}`);
}

function run(args, env) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: copy,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    running = child;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGTERM');
    }, RUN_TIMEOUT_MS);
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        said[stream] += text;
      });
    }
    child.on('close', (code) => {
      clearTimeout(timer);
      running = undefined;
      resolve({ ...said, status: late ? 'timeout' : code });
    });
  });
}
