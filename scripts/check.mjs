// `npm run check`: types, style, unused exports and dependencies. Runs them all, even when one fails.
import { spawnSync } from 'node:child_process';
import { ROOT, setup } from './setup.mjs';

setup();
const checks = [
  ['types', ['tsc', '-p', 'tsconfig.json']],
  ['types of the pages', ['tsc', '-p', 'tsconfig.web.json']],
  ['style', ['biome', 'check', '.']],
  ['dead code', ['knip']],
];
const failed = checks.filter(([name, args]) => {
  const { status } = spawnSync('npx', ['--no-install', ...args], { cwd: ROOT, stdio: 'inherit' });
  console.log(`${name}: ${status === 0 ? 'clean' : 'FAILED'}`);
  return status !== 0;
});
process.exitCode = failed.length > 0 ? 1 : 0;
