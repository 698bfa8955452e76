import type { JSX } from 'preact';
import { bucketTicks, SHARES } from '../../charts/axes.js';
import { Frame } from '../../charts/frame.js';
import { StackedBars } from '../../charts/stacked-bars.js';
import { Figures, Legend, PARTIAL } from '../../components/legend.js';
import { Value } from '../../components/value.js';
import { percent } from '../../format/numbers.js';
import { shownText } from '../../format/shown-text.js';
import { shareOf, type AnyRow } from '../metrics.js';
import type { PanelContext } from '../panel-context.js';
import { splitClient, type Client } from './client-list.js';

/** Clients with a colour of their own over time. All others have the next one. */
const COLOURED = 4;

/** The shares of the most used clients over time. */
export function ClientCourse({
  context,
  rows,
  clients: grouped,
}: {
  context: PanelContext;
  rows: readonly AnyRow[];
  clients: readonly Client[];
}): JSX.Element {
  const { dates, range } = context;
  const coloured = grouped.slice(0, COLOURED).map(({ name }) => name);
  const buckets = new Map<number, { values: number[]; isPartial: boolean }>();
  for (const row of rows) {
    const at = row.date!.getTime();
    const bucket = buckets.get(at) ?? {
      values: new Array<number>(COLOURED + 1).fill(0),
      isPartial: row.partial === true,
    };
    buckets.set(at, bucket);
    const place = coloured.indexOf(splitClient(row['client']).name);
    bucket.values[place < 0 ? COLOURED : place]! += row.hits ?? 0;
  }
  const course = [...buckets].sort(([one], [other]) => one - other);
  const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const hasOthers = course.some(([, { values }]) => values[COLOURED]! > 0);
  const shown = [
    ...coloured.map((name, at) => ({
      at,
      tone: `c${at}`,
      label: shownText(name ?? 'no client named', 40),
    })),
    ...(hasOthers ? [{ at: COLOURED, tone: `c${COLOURED}`, label: 'others' }] : []),
  ];
  const labels = shown.map(({ tone, label }) => [tone, label] as const);
  return (
    <>
      <h3>Share over time</h3>
      <Frame
        name="low"
        label={`Share of each client by ${range.interval}`}
        x={bucketTicks(
          course.map(([at]) => new Date(at)),
          range.interval,
          dates,
        )}
        y={SHARES.ticks}
      >
        <StackedBars
          share={SHARES.share}
          stacks={course.map(([, { values, isPartial }]) => ({
            isPartial,
            before: null,
            parts: shown.map(({ at, tone }) => ({
              tone,
              value: shareOf(values[at]!, sumOf(values)) ?? 0,
            })),
          }))}
        />
      </Frame>
      <Legend
        items={[...labels, ...(course.some(([, { isPartial }]) => isPartial) ? [PARTIAL] : [])]}
      />
      <Figures
        caption="Share of each client over time"
        heads={[range.interval, ...labels]}
        rows={course.map(([at, { values, isPartial }]) => ({
          key: String(at),
          head: dates.bucket(new Date(at), range.interval),
          isPartial,
          cells: shown.map(({ at: place, tone }) => (
            <Value key={tone} of={shareOf(values[place]!, sumOf(values))} as={percent} />
          )),
        }))}
      />
    </>
  );
}
