import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';

/** One line of a chart. Colours are the page's own variables, so that light and dark fit. */
export interface ChartLine {
  label: string;
  colour: `--${string}`;
  dashed?: boolean;
  filled?: boolean;
  /** The band between this line and the one before it is shaded. */
  band?: boolean;
}

const HEIGHT_PX = 170;
const AXIS_PX = 50;

/**
 * A curve over time with its figures in words: those under the pointer, else the last ones.
 *
 * @param data seconds since 1970, then one array of values for each line
 */
export function Chart(props: {
  title: string;
  lines: ChartLine[];
  data: (number | null)[][];
  format: (value: number) => string;
  /** The same, short enough for an axis. */
  tick: (value: number) => string;
  /** Said in place of a curve that has no data yet. */
  empty: string;
}) {
  const { title, lines, data, format, tick, empty } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const dark = useDark();
  const key = lines.map((line) => line.label).join();

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new uPlot(
      optionsOf(lines, { width: element.clientWidth, tick, onHover: setHovered }),
      aligned(data),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
    // The lines' names stand for the lines; data is handed over below.
  }, [key, dark]);
  useEffect(() => plot.current?.setData(aligned(data)), [data]);

  const last = (data[0]?.length ?? 0) - 1;
  const shown = hovered !== null && hovered <= last ? hovered : last;
  const figures = lines.map((line, nth) => ({ line, value: data[nth + 1]?.[shown] ?? null }));
  const words = figures.map(({ line, value }) => `${line.label} ${say(value, format)}`).join(', ');
  return (
    <figure class="chart card">
      <figcaption>
        <h3>{title}</h3>
        <span class="legend">
          {figures.map(({ line, value }) => (
            <span key={line.label}>
              <i class={line.dashed ? 'dashed' : ''} style={{ color: `var(${line.colour})` }} />
              {line.label} <b>{say(value, format)}</b>
            </span>
          ))}
        </span>
      </figcaption>
      <div
        class={last < 0 ? 'plot unseen' : 'plot'}
        ref={place}
        role="img"
        aria-label={`${title}: ${words}`}
      />
      {last < 0 && <p class="quiet empty">{empty}</p>}
    </figure>
  );
}

const say = (value: number | null, format: (value: number) => string): string =>
  value === null ? '–' : format(value);

/** uPlot wants times and values apart; the times are never missing. */
function aligned([times = [], ...values]: (number | null)[][]): uPlot.AlignedData {
  return [times.map((time) => time ?? 0), ...values];
}

function useDark(): boolean {
  const [dark, setDark] = useState(matchMedia('(prefers-color-scheme: dark)').matches);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setDark(query.matches);
    query.addEventListener('change', follow);
    return () => query.removeEventListener('change', follow);
  }, []);
  return dark;
}

function optionsOf(
  lines: ChartLine[],
  {
    width,
    tick,
    onHover,
  }: {
    width: number;
    tick: (value: number) => string;
    onHover: (index: number | null) => void;
  },
): uPlot.Options {
  const axis = { stroke: colourOf('--quiet'), grid: { stroke: colourOf('--line'), width: 1 } };
  return {
    width,
    height: HEIGHT_PX,
    padding: [8, 30, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
    hooks: { setCursor: [(self) => onHover(self.cursor.idx ?? null)] },
    axes: [
      {
        ...axis,
        values: (_, times, __, ___, step) => times.map(step < 60 ? exactly : clock),
        space: 80,
        size: 30,
      },
      { ...axis, values: (_, values) => values.map(tick), size: AXIS_PX, space: 34 },
    ],
    series: [
      {},
      ...lines.map(({ label, colour, dashed, filled }) => ({
        label,
        stroke: colourOf(colour),
        width: dashed ? 1.5 : 2,
        points: { show: false },
        spanGaps: true,
        ...(dashed ? { dash: [6, 4] } : {}),
        ...(filled ? { fill: `${colourOf(colour)}22` } : {}),
      })),
    ],
    bands: lines.flatMap((line, nth) => {
      const series: [number, number] = [nth + 1, nth];
      return line.band ? [{ series, fill: `${colourOf(line.colour)}2b` }] : [];
    }),
  };
}

const clocks = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const exact = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const clock = (seconds: number): string => clocks.format(seconds * 1_000);
const exactly = (seconds: number): string => exact.format(seconds * 1_000);

/** A page variable as `#rrggbb`, resolved for the present colour scheme: a canvas knows no variables. */
function colourOf(variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/\d+/g) ?? []).map(
    Number,
  );
  probe.remove();
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
