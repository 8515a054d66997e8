import type { LoadOptions } from './options.ts';
import type { LoadReport } from './summary.ts';

/** One line of the gate. */
export interface Check {
  title: string;
  value: string;
  ok: boolean;
}

/** What must hold in every run, and the limits that the caller set. */
export function judge(report: LoadReport, options: LoadOptions): Check[] {
  const { seen, audit, sale, capacity } = report;
  const held = Math.max(seen.shoppingMax, audit?.slotsHeldMax ?? 0, report.line?.slotsMax ?? 0);
  const soldTwice = seen.soldTwice + (audit?.seatsSoldTwice ?? 0);
  const inversions = seen.inversions + (audit?.inversions ?? 0);
  const poll = report.operations.find(({ operation }) => operation === 'poll');
  const checks: Check[] = [
    zero('seats sold twice', soldTwice),
    {
      title: 'slots held at once',
      value: `${held} of ${capacity}`,
      ok: held <= capacity,
    },
    {
      title: 'people let in after somebody who came later',
      value: `${inversions}; ${seen.judged} of ${seen.entered} places judged`,
      ok: inversions === 0 && (seen.judged > 0 || seen.entered === 0),
    },
    zero('numbers that rose', seen.numberRises),
    zero('places lost by people who polled as told', seen.lostPlaces),
    {
      title: 'answers outside the documented refusals',
      value: `${(report.errorRate * 100).toFixed(3)} %`,
      ok: report.errorRate === 0,
    },
    {
      title: 'seats sold, as buyers, map and record have it',
      value: [sale.soldToBuyers, sale.soldOnMap ?? '–', audit?.seatsSold ?? '–'].join(', '),
      ok:
        sale.soldToBuyers === sale.soldOnMap &&
        (audit?.seatsSold ?? sale.soldOnMap) === sale.soldOnMap,
    },
  ];
  if (!report.cutShort && options['max-overrun'] > 0 && sale.soldOutSeconds !== undefined) {
    checks.push({
      title: 'sold out, against what slots and think time allow',
      value: `${(sale.overrun ?? 0).toFixed(3)}×`,
      ok: (sale.overrun ?? 0) <= options['max-overrun'],
    });
  }
  if (options['max-p99'] > 0) {
    const p99 = poll?.corrected.p99 ?? 0;
    checks.push({
      title: 'poll p99, corrected',
      value: `${p99.toFixed(1)} ms`,
      ok: p99 <= options['max-p99'],
    });
  }
  return checks;
}

function zero(title: string, count: number): Check {
  return { title, value: String(count), ok: count === 0 };
}
