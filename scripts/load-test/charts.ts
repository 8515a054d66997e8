/** A line of a chart: points in the order of x. */
export interface Series {
  name: string;
  colour: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Points that stand for themselves. */
  dots?: boolean;
}

const WIDTH = 720;
const HEIGHT = 260;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 34;
const TICKS = 5;

/** A chart as inline SVG: axes from 0, a legend, nothing loaded from anywhere. */
export function chart(options: {
  title: string;
  xUnit: string;
  yUnit: string;
  series: readonly Series[];
}): string {
  const all = options.series.flatMap(({ points }) => points);
  const xMax = roundUp(Math.max(1, ...all.map(([x]) => x)));
  const yMax = roundUp(Math.max(1e-9, ...all.map(([, y]) => y)));
  const x = (value: number): number => LEFT + (value / xMax) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / yMax) * (HEIGHT - TOP - BOTTOM);
  const grid = Array.from({ length: TICKS + 1 }, (_, nth) => {
    const atX = (xMax / TICKS) * nth;
    const atY = (yMax / TICKS) * nth;
    return (
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(atY)}" y2="${y(atY)}" class="grid"/>` +
      `<text x="${LEFT - 6}" y="${y(atY) + 4}" text-anchor="end">${short(atY)}</text>` +
      `<text x="${x(atX)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${short(atX)}</text>`
    );
  });
  const lines = options.series.map(({ points, colour, dots }) =>
    dots
      ? points
          .map(
            ([px, py]) =>
              `<circle cx="${fixed(x(px))}" cy="${fixed(y(py))}" r="2" fill="${colour}"/>`,
          )
          .join('')
      : `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points
          .map(([px, py]) => `${fixed(x(px))},${fixed(y(py))}`)
          .join(' ')}"/>`,
  );
  const legend = options.series
    .map(({ name, colour }) => `<span><i style="background:${colour}"></i>${escaped(name)}</span>`)
    .join('');
  return (
    `<figure><figcaption>${escaped(options.title)}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(options.title)}">` +
    `${grid.join('')}${lines.join('')}` +
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 2}" text-anchor="end">${escaped(options.xUnit)}</text>` +
    `<text x="4" y="${TOP}">${escaped(options.yUnit)}</text></svg><div class="legend">${legend}</div></figure>`
  );
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The next number of the form 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((one) => one * power >= value) ?? 10;
  return step * power;
}

function short(value: number): string {
  return value >= 1_000
    ? `${Number((value / 1_000).toFixed(2))}k`
    : String(Number(value.toFixed(2)));
}

function fixed(value: number): string {
  return value.toFixed(1);
}
