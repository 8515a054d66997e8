import { chart, escaped } from './charts.ts';
import { reportText } from './report-text.ts';
import type { LoadReport } from './summary.ts';
import type { Check } from './verdict.ts';

const COLOURS = [
  '#2563eb',
  '#dc2626',
  '#059669',
  '#d97706',
  '#7c3aed',
  '#0891b2',
  '#be185d',
  '#4d7c0f',
  '#334155',
];
const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;max-width:780px;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse;width:100%}td,th{padding:.2rem .5rem;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child{text-align:left}.no{color:#b91c1c;font-weight:600}.yes{color:#047857}
figure{margin:2rem 0}figcaption{font-weight:600}svg{width:100%;height:auto}svg text{font-size:11px;fill:#555}
.grid{stroke:#e5e7eb}.legend span{margin-right:1rem;font-size:13px}.legend i{display:inline-block;width:.7em;height:.7em;margin-right:.3em}
pre{overflow:auto;background:#f6f6f6;padding:1rem;font-size:12px}`;

/** The report as one page that needs nothing else: style, charts and figures are inside it. */
export function reportHtml(report: LoadReport, checks: readonly Check[]): string {
  const { options, sale } = report;
  const title = `${options['buyers']} buyers, ${sale.seats} seats`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<title>Foyer load test: ${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escaped(title)}</h1><p>${escaped(report.at)}, ${report.seconds.toFixed(1)} s</p>`,
    checkTable(checks),
    crowdChart(report),
    answersChart(report),
    latencyChart(report),
    etaChart(report),
    `<h2>Figures</h2><pre>${escaped(reportText(report, checks))}</pre>`,
    `<h2>Flags</h2><pre>${escaped(JSON.stringify(options, null, 2))}</pre>`,
    '</body></html>\n',
  ].join('\n');
}

function checkTable(checks: readonly Check[]): string {
  const rows = checks.map(
    ({ title, value, ok }) =>
      `<tr><td>${escaped(title)}</td><td>${escaped(value)}</td><td class="${ok ? 'yes' : 'no'}">${ok ? 'ok' : 'BROKEN'}</td></tr>`,
  );
  return `<table>${rows.join('')}</table>`;
}

function crowdChart({ timeline }: LoadReport): string {
  const line = (name: 'waiting' | 'shopping' | 'sold', nth: number) => ({
    name,
    colour: colour(nth),
    points: timeline.map((second) => [second.atSeconds, second[name]] as const),
  });
  return [
    chart({ title: 'People in line', xUnit: 's', yUnit: 'people', series: [line('waiting', 0)] }),
    chart({
      title: 'Slots in use and seats sold',
      xUnit: 's',
      yUnit: '',
      series: [line('shopping', 1), line('sold', 2)],
    }),
  ].join('\n');
}

function answersChart({ timeline }: LoadReport): string {
  return chart({
    title: 'Answers a second',
    xUnit: 's',
    yUnit: '1/s',
    series: [
      {
        name: 'answers',
        colour: colour(0),
        points: timeline.map((second) => [second.atSeconds, second.answers]),
      },
      {
        name: 'errors',
        colour: colour(1),
        points: timeline.map((second) => [second.atSeconds, second.errors]),
      },
    ],
  });
}

/** One line an operation, over the percentiles: 1 is p90, 2 is p99, 3 is p99.9. */
function latencyChart({ operations }: LoadReport): string {
  return chart({
    title: 'Latency by operation, from when the buyer meant to ask',
    xUnit: 'nines: 1 = p90, 2 = p99, 3 = p99.9',
    yUnit: 'ms',
    series: operations.map(({ operation, corrected }, nth) => ({
      name: operation,
      colour: colour(nth),
      points: [
        [0.3, corrected.p50],
        [1, corrected.p90],
        [2, corrected.p99],
        [3, corrected.p999],
      ],
    })),
  });
}

function etaChart({ waits }: LoadReport): string {
  const longest = Math.max(1, ...waits.map(({ waited }) => waited));
  return chart({
    title: 'The wait that was promised first (p50), over the wait that it was',
    xUnit: 's waited',
    yUnit: 's promised',
    series: [
      {
        name: 'exact',
        colour: '#9ca3af',
        points: [
          [0, 0],
          [longest, longest],
        ],
      },
      {
        name: 'promised p50',
        colour: colour(0),
        dots: true,
        points: waits.map(({ waited, p50 }) => [waited, p50]),
      },
    ],
  });
}

function colour(nth: number): string {
  return COLOURS[nth % COLOURS.length] ?? '#000';
}
