import type { QueryResult } from '../query/query.js';
import { paired, spreadOf } from '../statistics.js';
import { shown, table, thousands } from './tables.js';
import { atMost, type Target } from './target.js';

/** Of the others nothing is asked for a page. */
const SQL = new Set(['SQLite', 'PostgreSQL', 'MariaDB']);

export function querySection({ title, queries }: QueryResult): string {
  const rows = queries.map(({ question, size, raw, ours }) => [
    `${question}, of ${thousands(size)}`,
    shown(spreadOf(raw), 2),
    shown(spreadOf(ours), 2),
    shown(
      paired(ours, raw, (a, b) => a / b),
      2,
    ),
  ]);
  return [`### ${title}`, '', table(['', 'raw, ms', 'storage, ms', 'of raw'], rows)].join('\n');
}

export function queryTargets({ title, queries }: QueryResult): Target[] {
  const targets: Target[] = [];
  const largest = Math.max(...queries.map(({ size }) => size));
  const smallest = Math.min(...queries.map(({ size }) => size));
  const at = (size: number, start: string) =>
    queries.find((each) => each.size === size && each.question.startsWith(start));
  const page = queries.find(({ size, question }) => size === largest && /of \d+$/.test(question));
  if (page && SQL.has(title))
    targets.push(
      atMost(
        `${page.question} among ${thousands(largest)}, of the raw query, ${title}`,
        paired(page.ours, page.raw, (a, b) => a / b),
        1.3,
        'times',
      ),
    );
  const [large, small] = [at(largest, 'getSum'), at(smallest, 'getSum')];
  if (large && small && large !== small)
    targets.push(
      atMost(
        `getSum of a month, ${thousands(largest)} records against ${thousands(smallest)}, ${title}`,
        paired(large.ours, small.ours, (a, b) => a / b),
        1.5,
        'times',
      ),
    );
  return targets;
}
