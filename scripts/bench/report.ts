import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname } from 'node:path';
import { isError } from '../../src/platform/errors.ts';
import type { Figures } from './rounds.ts';

/** One line of what was measured against what is wanted. */
export interface Line {
  what: string;
  value: number;
  unit: string;
  /** The value must be at least, at most, or between the bounds; none: an illustration. */
  bound?: { atLeast?: number; atMost?: number };
  detail?: string;
}

export interface Report {
  section(title: string, name: string): void;
  line(line: Line): void;
  /** A benchmark's table; wrong answers count as a failure. */
  figures(...figures: Figures[]): void;
  failed(what: string, why: unknown): void;
  note(text: string): void;
  /** Prints what falls short, and writes the JSON. */
  end(file: string): { failed: number; short: number };
}

export function createReport(print: (text: string) => void): Report {
  const lines: (Line & { benchmark: string; met: boolean })[] = [];
  const tables: { benchmark: string; figures: Figures[] }[] = [];
  const failures: string[] = [];
  const notes: { benchmark: string; text: string }[] = [];
  let benchmark = '';

  function fail(text: string): void {
    failures.push(text);
    print(`  FAILED ${text}`);
  }

  return {
    section(title, name) {
      benchmark = name;
      print(`\n${title} [${name}]`);
    },
    line(line) {
      const met = isMet(line);
      lines.push({ ...line, benchmark, met });
      print(`  ${line.bound ? (met ? 'ok   ' : 'SHORT') : '     '} ${textOf(line)}`);
    },
    figures(...figures) {
      tables.push({ benchmark, figures });
      for (const one of figures) {
        print(rowOf(one));
        if (one.wrong === 0) continue;
        fail(`${one.name}: ${one.wrong} wrong answers, such as ${one.examples[0]?.slice(0, 400)}`);
      }
    },
    failed(what, why) {
      fail(`${what}: ${isError(why) ? (why.stack ?? why.message) : String(why)}`);
    },
    note(text) {
      notes.push({ benchmark, text: text.trim() });
      print(text);
    },
    end(file) {
      const judged = lines.filter((line) => line.bound);
      const short = judged.filter((line) => !line.met);
      const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'cpu'}, Node ${process.versions.node}`;
      mkdirSync(dirname(file), { recursive: true });
      const all = { at: new Date().toISOString(), machine, lines, tables, notes, failures };
      writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
      print(`\n${judged.length - short.length} of ${judged.length} targets met on ${machine}`);
      for (const line of short) print(`  SHORT ${textOf(line)}`);
      for (const text of failures) print(`  FAILED ${text.split('\n', 1)[0]}`);
      print(`all figures: ${file}`);
      return { failed: failures.length, short: short.length };
    },
  };
}

function isMet({ value, bound }: Line): boolean {
  const { atLeast = Number.NEGATIVE_INFINITY, atMost = Number.POSITIVE_INFINITY } = bound ?? {};
  return !bound || (value >= atLeast && value <= atMost);
}

function textOf(line: Line): string {
  const detail = line.detail ? `  (${line.detail})` : '';
  return `${line.what}: ${round(line.value)} ${line.unit}${boundText(line)}${detail}`;
}

function boundText({ bound }: Line): string {
  const atLeast = bound?.atLeast === undefined ? '' : `, at least ${bound.atLeast}`;
  return bound?.atMost === undefined ? atLeast : `${atLeast}, at most ${bound.atMost}`;
}

function rowOf(one: Figures): string {
  const cells = [
    `${round(one.perSecond).padStart(7)}/s`,
    `p50 ${round(one.p50Ms).padStart(5)} ms`,
    `p99 ${round(one.p99Ms).padStart(5)} ms`,
    `${round(one.cpuMicros).padStart(6)} µs CPU`,
    `${((one.perSecond * one.cpuMicros) / 10_000).toFixed(0).padStart(3)} % of a core`,
    `${round(one.redisMicros).padStart(5)} µs of Redis`,
    `${one.requests} answers`,
  ];
  return `        ${one.name.padEnd(40)} ${cells.join('  ')}`;
}

function round(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
