import type { JSX } from 'preact';
import { bucketTicks, valueAxis } from '../charts/axes.js';
import { Frame } from '../charts/frame.js';
import { Lines } from '../charts/lines.js';
import { StackedBars, type Stack } from '../charts/stacked-bars.js';
import { Advice } from '../components/advice.js';
import { Figures, Legend, PARTIAL, type LegendItem } from '../components/legend.js';
import { firstStep } from '../components/empty.js';
import { PanelNote } from '../components/panel-note.js';
import { Value } from '../components/value.js';
import type { UsageReport } from '../../storages/contract/usage-report.js';
import { count, duration, durationTick } from '../format/numbers.js';
import { exported } from './exported.js';
import { numberOf, type AnyRow, type Values } from './metrics.js';
import type { Panel } from './panel.js';
import type { PanelContext } from './panel-context.js';
import { releaseMarks, type ReleaseMarks } from './release-marks.js';
import { SERIES_METRICS, seriesOf, statusSeriesOf } from './series.js';

const CLASSES = ['2xx', '3xx', '4xx', '5xx', 'other'] as const;
const TONES: Record<(typeof CLASSES)[number], string> = {
  '2xx': 's2',
  '3xx': 's3',
  '4xx': 's4',
  '5xx': 's5',
  other: 's1',
};
const PERCENTILES = ['p50', 'p95', 'p99'] as const;
export const COMPARISONS = {
  week: 'the same weekdays before',
  previous: 'the span before',
  year: 'a year ago',
} as const;

const NEW_RELEASES = { dimensions: ['release'], of: 'New releases are' };

interface Bucket {
  readonly date: Date;
  readonly classes: Record<(typeof CLASSES)[number], number>;
  readonly values: Values;
  readonly isPartial: boolean;
}

/** Requests over time by class of status, and their durations on the same axis. */
export const traffic: Panel = {
  name: 'traffic',
  title: 'Requests',
  size: 'row',
  exports(context) {
    const { interval } = context.range;
    return [
      exported(context, `By ${interval}`, [], SERIES_METRICS, interval),
      ...(context.parts.visible.hides('status')
        ? []
        : [exported(context, `Statuses by ${interval}`, ['status'], ['hits'], interval)]),
    ];
  },
  async load(context) {
    const [series, statuses] = await Promise.all([
      seriesOf(context),
      context.parts.visible.hides('status') ? null : statusSeriesOf(context),
    ]);
    if (numberOf(series.totals, 'hits') === 0) return { body: await firstStep(context) };
    const releases = await context.later(releaseMarks(context, series));
    const { interval } = context.range;
    return {
      note: (
        <PanelNote context={context} reports={statuses ? [series, statuses] : [series]}>
          {statuses ? `by status class, by ${interval}` : `by ${interval}`}
        </PanelNote>
      ),
      body: (
        <>
          <Charts context={context} buckets={bucketsOf(series, statuses)} releases={releases} />
          {releases && <Advice context={context} needs={[NEW_RELEASES]} />}
        </>
      ),
    };
  },
};

function Charts({
  context,
  buckets,
  releases,
}: {
  context: PanelContext;
  buckets: readonly Bucket[];
  releases: ReleaseMarks | null;
}): JSX.Element {
  const { compare, dates, range } = context;
  const { marks, isFiltered } = releases ?? { marks: [], isFiltered: false };
  const isEstimate = context.parts.source.isSampled;
  const stacks = buckets.map((bucket): Stack => ({
    parts: CLASSES.map((name) => ({ tone: TONES[name], value: bucket.classes[name] })),
    isPartial: bucket.isPartial,
    before: compare ? numberOf(bucket.values.previous, 'hits') : null,
  }));
  const counted = valueAxis(
    Math.max(
      ...buckets.map(({ values }) => numberOf(values, 'hits') ?? 0),
      ...stacks.map(({ before }) => before ?? 0),
    ),
    count,
    true,
  );
  const percentiles = context.parts.visible.metrics(PERCENTILES);
  const lines = percentiles.map((tone) => ({
    tone,
    points: buckets.map(({ values, isPartial }) => ({ value: numberOf(values, tone), isPartial })),
  }));
  const took = valueAxis(
    Math.max(0, ...lines.flatMap(({ points }) => points.map(({ value }) => value ?? 0))),
    durationTick,
  );
  const x = bucketTicks(
    buckets.map(({ date }) => date),
    range.interval,
    dates,
  );
  const shownClasses = CLASSES.filter((name) => buckets.some(({ classes }) => classes[name] > 0));
  const ofClasses = shownClasses.map((name): LegendItem => [TONES[name], name]);
  const ofPercentiles = percentiles.map((name): LegendItem => [name, name]);
  const hasPartial = buckets.some(({ isPartial }) => isPartial);
  const hits = (key: string, of: number | null) => (
    <Value key={key} of={of} as={count} isEstimate={isEstimate} />
  );
  return (
    <>
      <Frame
        name="tall"
        label={`Requests by ${range.interval} and status class`}
        x={x}
        y={counted.ticks}
        marks={marks}
      >
        <StackedBars stacks={stacks} share={counted.share} />
      </Frame>
      <Legend
        items={[
          ...ofClasses,
          ...(compare ? [['before', COMPARISONS[compare]] as const] : []),
          ...(hasPartial ? [PARTIAL] : []),
          ...(marks.length > 0
            ? [
                [
                  'rel',
                  isFiltered ? 'a release, first with these filters' : 'a new release',
                ] as const,
              ]
            : []),
        ]}
      />
      {percentiles.length > 0 && (
        <>
          <h3>Duration</h3>
          <Frame
            name="low"
            label={`Duration of requests by ${range.interval}: p50, p95 and p99`}
            x={x}
            y={took.ticks}
          >
            <Lines lines={lines} share={took.share} />
          </Frame>
          <Legend
            items={[...ofPercentiles, ...(hasPartial ? [['open', PARTIAL[1]] as const] : [])]}
          />
        </>
      )}
      <Figures
        caption={`Requests by ${range.interval}`}
        heads={[
          range.interval,
          ...ofClasses,
          'all',
          ...(compare ? [['before', 'before'] as const] : []),
          ...ofPercentiles,
        ]}
        rows={buckets.map(({ date, classes, values, isPartial }) => ({
          key: date.toISOString(),
          head: dates.bucket(date, range.interval),
          isPartial,
          cells: [
            ...shownClasses.map((name) => hits(name, classes[name])),
            hits('all', numberOf(values, 'hits')),
            ...(compare ? [hits('before', numberOf(values.previous, 'hits'))] : []),
            ...percentiles.map((name) => (
              <Value key={name} of={numberOf(values, name)} as={duration} />
            )),
          ],
        }))}
      />
    </>
  );
}

/** @param statuses Null: the status is hidden, and all requests are of one class. */
function bucketsOf(series: UsageReport, statuses: UsageReport | null): Bucket[] {
  const classes = new Map<number, Bucket['classes']>();
  for (const row of (statuses?.rows ?? []) as AnyRow[]) {
    const at = row.date!.getTime();
    const known = classes.get(at) ?? { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0, other: 0 };
    known[classOf(row['status'])] += numberOf(row, 'hits') ?? 0;
    classes.set(at, known);
  }
  return (series.rows as AnyRow[]).map((row) => ({
    date: row.date!,
    classes: classes.get(row.date!.getTime()) ?? {
      '2xx': 0,
      '3xx': 0,
      '4xx': 0,
      '5xx': 0,
      other: statuses ? 0 : (numberOf(row, 'hits') ?? 0),
    },
    values: row,
    isPartial: row.partial === true,
  }));
}

function classOf(status: unknown): (typeof CLASSES)[number] {
  const name = typeof status === 'number' ? `${Math.floor(status / 100)}xx` : 'other';
  return (CLASSES as readonly string[]).includes(name) ? (name as '2xx') : 'other';
}
