import type { JSX } from 'preact';
import { Delta, type DeltaProps } from '../components/delta.js';
import { PanelNote } from '../components/panel-note.js';
import { Value } from '../components/value.js';
import { Sparkline } from '../charts/sparkline.js';
import type { Point } from '../charts/line-paths.js';
import { bytes, count, duration, percent, type Shown } from '../format/numbers.js';
import type { Metric } from '../../storages/contract/usage-report.js';
import { exported } from './exported.js';
import { numberOf, shareOf, type AnyRow, type Values } from './metrics.js';
import type { Panel } from './panel.js';
import { hasBefore } from './ranked.js';
import type { PanelContext } from './panel-context.js';
import { consumersOf, SERIES_METRICS, seriesOf } from './series.js';

interface Tile {
  readonly name: string;
  readonly label: string;
  /** What it is made of; default: the metric of its name. */
  readonly from?: readonly Metric[];
  readonly of: (values: Values | undefined) => number | null;
  readonly as: (value: number) => Shown;
  readonly tone?: string;
  readonly isShare?: boolean;
  readonly isCount?: boolean;
  readonly more?: DeltaProps['more'];
}

const metric = (name: Metric) => (values: Values | undefined) => numberOf(values, name);

const TILES: readonly Tile[] = [
  { name: 'hits', label: 'Requests', of: metric('hits'), as: count, isCount: true },
  { name: 'consumers', label: 'Consumers', of: metric('consumers'), as: count, more: 'good' },
  {
    name: 'errorRate',
    label: 'Errors (5xx)',
    of: metric('errorRate'),
    as: percent,
    tone: 'red',
    isShare: true,
    more: 'bad',
  },
  {
    name: 'refusedRate',
    label: 'Refused (4xx)',
    of: metric('refusedRate'),
    as: percent,
    tone: 'amber',
    isShare: true,
    more: 'bad',
  },
  { name: 'p95', label: 'p95', of: metric('p95'), as: duration, more: 'bad' },
  {
    name: 'aborted',
    label: 'Aborted',
    from: ['aborted', 'hits'],
    of: (values) => shareOf(numberOf(values, 'aborted'), numberOf(values, 'hits')),
    as: percent,
    isShare: true,
    more: 'bad',
  },
  { name: 'transfer', label: 'Sent', of: metric('transfer'), as: bytes, isCount: true },
];

/** The figures of the whole range, each with its change and its course. */
export const tiles: Panel = {
  name: 'tiles',
  title: 'At a glance',
  size: 'bare',
  exports: (context) => [exported(context, 'In all', [], [...SERIES_METRICS, 'consumers'])],
  async load(context) {
    const [series, consumers] = await Promise.all([seriesOf(context), distinct(context)]);
    const isShown = ({ name, from = [name as Metric] }: Tile) =>
      !from.some((each) => context.parts.visible.hidesMetric(each));
    return {
      body: (
        <>
          <div class="tiles">
            {TILES.filter(isShown).map((tile) => {
              const report = tile.name === 'consumers' ? consumers : series;
              return (
                <TileOf
                  key={tile.name}
                  tile={tile}
                  totals={report?.totals}
                  course={((report?.rows ?? []) as AnyRow[]).map((row) => ({
                    value: tile.of(row),
                    isPartial: row.partial === true,
                  }))}
                  isLate={report === null}
                  isCompared={context.compare !== null}
                  hasBefore={hasBefore(series)}
                  isEstimate={context.parts.source.isSampled && tile.isCount === true}
                  isLeast={report?.approximate.includes('consumers') === true}
                />
              );
            })}
          </div>
          <p class="note">
            <PanelNote context={context} reports={[series]} parts={[consumers]} />
          </p>
        </>
      ),
    };
  },
};

async function distinct(context: PanelContext) {
  return context.parts.visible.hidesMetric('consumers')
    ? null
    : context.later(consumersOf(context));
}

function TileOf(given: {
  tile: Tile;
  totals: Values | undefined;
  course: readonly Point[];
  isLate: boolean;
  isCompared: boolean;
  /** Whether anybody called in the span that it is compared with. */
  hasBefore: boolean;
  isEstimate: boolean;
  isLeast: boolean;
}): JSX.Element {
  const { tile, totals, course, isCompared } = given;
  return (
    <div class="tile" data-tile={tile.name}>
      <h2 class="name">{tile.label}</h2>
      <p class="value">
        {given.isLeast && <span title="At least: keys were folded together">≥ </span>}
        {given.isLate ? (
          <span class="muted">…</span>
        ) : (
          <Value of={tile.of(totals)} as={tile.as} isEstimate={given.isEstimate} />
        )}
      </p>
      {isCompared && !given.hasBefore && tile.name === 'hits' && (
        <span class="delta">none before</span>
      )}
      {isCompared && given.hasBefore && !given.isLate && (
        <Delta
          now={tile.of(totals)}
          before={tile.of(totals?.previous)}
          isShare={tile.isShare ?? false}
          more={tile.more ?? 'none'}
        />
      )}
      <Sparkline points={course} tone={tile.tone ?? ''} />
    </div>
  );
}
