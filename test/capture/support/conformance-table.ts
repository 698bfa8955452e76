import type { ConformanceCase, ExpectedRecord, Scenario } from './scenario.js';

/** The table of the manual: case by case, what each mode records. */
export function conformanceTable(scenarios: readonly Scenario[]): string {
  return scenarios
    .map(({ title, cases }) =>
      [
        `**${title}**`,
        '',
        '| case | `exclude` mode | `include` mode |',
        '| --- | --- | --- |',
        ...cases.map(row),
        '',
      ].join('\n'),
    )
    .join('\n');
}

function row({ title, only, record }: ConformanceCase): string {
  const [exclude, include] = (Array.isArray(record) ? record : [record, record]) as [
    ExpectedRecord | null,
    ExpectedRecord | null,
  ];
  const place = only ? ` (${only === 'express' ? 'Express' : 'Fastify'})` : '';
  return `| ${title}${place} | ${describe(exclude)} | ${describe(include)} |`;
}

function describe(record: ExpectedRecord | null): string {
  if (record === null) return 'nothing';
  const end = record.outcome === 'aborted' ? `${record.status}, aborted` : String(record.status);
  if (record.handler === null) return `${end}, no handler`;
  return `${end}, \`${record.blueprint}.${record.handler}\` at \`${record.route}\``;
}
