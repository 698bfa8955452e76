import { StatsSources } from '../shared/stats-sources.js';
import { OwnMetric, type MetricLine } from './prometheus-registry.js';

/** The names of the labels of records, in this order: storage, state and reason. */
export type RecordLabels = readonly [storage: string, state: string, reason: string];

/** Counts the records that storages have seen, stored and dropped. */
export class RecordCounter extends OwnMetric {
  readonly type = 'counter';
  readonly sources = new StatsSources();
  /** What was counted before the last `reset()`, by series. */
  private readonly before = new Map<string, number>();

  constructor(
    name: string,
    help: string,
    private readonly labels: RecordLabels,
  ) {
    super(name, help, labels);
  }

  reset(): void {
    for (const { key, value } of this.series()) this.before.set(key, value);
  }

  protected lines(): MetricLine[] {
    return this.series().map(({ key, labels, value }) => {
      return { labels, value: value - (this.before.get(key) ?? 0) };
    });
  }

  private series() {
    const [storageLabel, stateLabel, reasonLabel] = this.labels;
    return this.sources.counts().map(({ storage, state, reason, value }) => ({
      key: `${state} ${reason} ${storage}`,
      labels: {
        [storageLabel]: storage,
        [stateLabel]: state,
        ...(reason !== null && { [reasonLabel]: reason }),
      },
      value,
    }));
  }
}

/** Shows the records that wait for each storage. */
export class WaitingGauge extends OwnMetric {
  readonly type = 'gauge';
  readonly sources = new StatsSources();

  constructor(
    name: string,
    help: string,
    private readonly storageLabel: string,
  ) {
    super(name, help, [storageLabel]);
  }

  reset(): void {
    // Records wait, whatever was reset.
  }

  protected lines(): MetricLine[] {
    return this.sources
      .waiting()
      .map(({ storage, value }) => ({ labels: { [this.storageLabel]: storage }, value }));
  }
}
