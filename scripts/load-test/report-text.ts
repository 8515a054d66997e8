import type { LoadReport } from './summary.ts';
import type { Check } from './verdict.ts';

/** The report as a terminal shows it. */
export function reportText(report: LoadReport, checks: readonly Check[]): string {
  const { sale, audit, seen, eta } = report;
  return [
    '',
    `${report.seconds.toFixed(1)} s, ${Math.round(report.answersPerSecond)} answers a second${report.cutShort ? ', cut short' : ''}`,
    '',
    ...latencyTable(report),
    '',
    `sold          ${sale.soldToBuyers} of ${sale.seats} seats in ${seen.purchases} purchases, ${seen.collisions} collisions`,
    ...(sale.soldOutSeconds === undefined
      ? []
      : [
          `sold out      after ${sale.soldOutSeconds.toFixed(1)} s; slots and think time alone: ${sale.idealSeconds?.toFixed(1)} s`,
        ]),
    `slots         at most ${seen.shoppingMax} held as buyers saw it${audit ? `, ${audit.slotsHeldMax} in the record` : ''}${report.line ? `, ${report.line.slotsMax} in ${report.line.samples} samples` : ''}, of ${report.capacity}`,
    ...(audit
      ? [
          `slot idle     p50 ${shown(audit.slotIdleMs.p50)} ms, p99 ${shown(audit.slotIdleMs.p99)} ms; ${audit.noShows} called and not there`,
        ]
      : []),
    `wait told     ${eta.promises} promises, ${percent(eta.coverage)} kept within p90, median error ${percent(eta.medianError)}${eta.endedBySellOut > 0 ? `; ${eta.endedBySellOut} more let in as the line went home` : ''}${eta.brokenUncalled > 0 ? `; ${eta.brokenUncalled} broken to people never let in` : ''}`,
    `errors        ${
      Object.entries(report.faults)
        .map(([what, count]) => `${what} ${count}`)
        .join(', ') || 'none'
    }`,
    '',
    ...processTable(report),
    '',
    ...checks.map(
      ({ ok, title, value }) => `${ok ? 'ok    ' : 'BROKEN'}  ${title.padEnd(52)} ${value}`,
    ),
    '',
  ].join('\n');
}

function latencyTable({ operations }: LoadReport): string[] {
  const head = row(
    'operation',
    ['answers', 'p50 ms', 'p90', 'p99', 'p99.9', 'max', 'sent p99'],
    '',
  );
  const rows = operations.map(({ operation, count, corrected, service, codes }) => {
    const { p50, p90, p99, p999, max } = corrected;
    const refusals = Object.entries(codes)
      .filter(([code]) => code !== 'OK')
      .map(([code, times]) => `${code} ${times}`)
      .join(', ');
    const figures = [p50, p90, p99, p999, max, service.p99].map((ms) => ms.toFixed(1));
    return row(operation, [String(count), ...figures], refusals);
  });
  return [head, ...rows];
}

function row(name: string, cells: readonly string[], rest: string): string {
  return `${name.padEnd(12)}${cells.map((cell) => cell.padStart(10)).join('')}  ${rest}`.trimEnd();
}

function processTable({ processes }: LoadReport): string[] {
  const head = row('process', ['CPU s', 'of a core', 'RSS max', 'loop p99'], '');
  const rows = processes.map(({ name, cpuSeconds, cpuShare, rssMaxBytes, loopLagMs }) =>
    row(
      name,
      [
        cpuSeconds.toFixed(1),
        percent(cpuShare),
        `${Math.round(rssMaxBytes / 2 ** 20)} MB`,
        loopLagMs === undefined ? '–' : `${loopLagMs.toFixed(1)} ms`,
      ],
      '',
    ),
  );
  return [head, ...rows];
}

function shown(value: number | null): string {
  return value === null ? '–' : String(Math.round(value));
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${(share * 100).toFixed(1)} %`;
}
