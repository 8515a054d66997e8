import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Gives servers that are asked in turn, and idle meanwhile, the first core, and what asks them, their stores and this
 * process the others, as if those were machines of their own; a store in a container is bound to none. Left to the
 * scheduler, busy processes push each other off two cores, and a ratio says who was pushed more often. Of a server
 * only the main thread is bound: V8's helpers go where there is room.
 *
 * @param servers process ids, as are `others`
 * @param family a process that comes with its children, which come and go, such as Postgres; kept with the others
 * @returns lets all of them run anywhere again; undefined where nothing can be bound: on a single core, without
 *   Linux' `taskset`, or where one of them is gone
 */
export function bindApart(
  servers: readonly number[],
  others: readonly number[],
  family?: number,
): (() => void) | undefined {
  const all = coresAllowed();
  const [first, ...rest] = all;
  if (first === undefined || rest.length === 0) return undefined;
  const kept = [process.pid, ...others];
  const bound =
    servers.every((pid) => bind(MAIN, pid, [first])) &&
    kept.every((pid) => bind(ALL, pid, rest)) &&
    bindFamily(family, rest);
  const release = (): void => {
    for (const pid of [...servers, ...kept]) bind(ALL, pid, all);
    bindFamily(family, all);
  };
  if (bound) return release;
  release();
  return undefined;
}

/** Of `taskset`: which threads of a process are bound. */
const MAIN = '-cp';
const ALL = '-acp';

function bind(which: string, pid: number, cores: readonly number[]): boolean {
  // Of no process `taskset` binds all threads without complaint.
  if (!existsSync(`/proc/${pid}`)) return false;
  return spawnSync('taskset', [which, cores.join(','), String(pid)]).status === 0;
}

/** The process first, so that those whom it begins meanwhile are where it is. @returns false where it is gone, or is not to be bound */
function bindFamily(parent: number | undefined, cores: readonly number[]): boolean {
  if (parent === undefined) return true;
  const bound = bind(ALL, parent, cores);
  const children = textOf(`/proc/${parent}/task/${parent}/children`).trim();
  // Of them one may be gone by now.
  if (children) for (const child of children.split(' ')) bindFamily(Number(child), cores);
  return bound;
}

/** Their numbers; none where nobody tells. */
function coresAllowed(): number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(textOf('/proc/self/status')) ?? [];
  return list.split(',').flatMap((range) => {
    const [from = Number.NaN, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 || 0 }, (_, nth) => from + nth);
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
