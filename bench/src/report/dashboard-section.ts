import type { DashboardResult, PanelTimes } from '../dashboard/dashboard.js';
import { paired, spreadOf } from '../statistics.js';
import { shown, table, thousands } from './tables.js';
import { atMost, type Target } from './target.js';

const MOST_MS = 500;
const MOST_OF_RAW = 1.3;
const MOST_HELD_MS = 50;

export function dashboardSection(result: DashboardResult): string {
  const { size, page, sums, all, complete, waiting, panels, loop, exported } = result;
  return [
    `Of ${thousands(size)} records. The first answer has ${complete.join(', ')}. Afterwards come ${waiting.join(', ')}.`,
    '',
    table(
      ['', 'ms'],
      [
        ['the first answer', shown(spreadOf(page), 0)],
        ['until all panels that sums answer have come', shown(spreadOf(sums), 0)],
        ['until all has come', shown(spreadOf(all), 0)],
        ['event loop held, at most', loop.max.toFixed(1)],
        ['of CPU', loop.maxCpu?.toFixed(1) ?? ''],
      ],
    ),
    '',
    `All records as CSV: ${thousands(exported.lines)} lines in ${exported.seconds.toFixed(0)} s; the process took ` +
      `${exported.weight.before.toFixed(0)} MB before and ${exported.weight.most.toFixed(0)} MB at most.`,
    '',
    table(
      ['counted from records', 'ms', 'by hand, ms', 'of by hand'],
      panels.map((times) => [
        times.panel,
        shown(spreadOf(times.ours), 0),
        shown(spreadOf(times.raw), 0),
        shown(ofRaw(times), 2),
      ]),
    ),
  ].join('\n');
}

export function dashboardTargets({ sums, panels, loop }: DashboardResult): Target[] {
  return [
    atMost('The page of 30 days: panels that sums answer', spreadOf(sums), MOST_MS, 'ms'),
    ...panels.map((times) =>
      atMost(`Panel ${times.panel}, of the query by hand`, ofRaw(times), MOST_OF_RAW, 'times'),
    ),
    atMost('The page of 30 days: the event loop', spreadOf([loop.max]), MOST_HELD_MS, 'ms'),
  ];
}

function ofRaw({ ours, raw }: PanelTimes) {
  return paired(ours, raw, (a, b) => a / b);
}
