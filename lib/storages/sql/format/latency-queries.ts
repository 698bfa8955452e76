import type { Column } from '../dialects/shapes.js';
import type { Table } from '../layout/table.js';

// Frozen with the migration that makes relations of these queries.
const COLUMNS = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'key', property: 'key', kind: 'key' },
  { name: 'long_key', property: 'longKey', kind: 'text', nullable: true },
  { name: 'hits', property: 'hits', kind: 'bigint' },
  { name: 'transfer', property: 'transfer', kind: 'bigint' },
  { name: 'errors', property: 'errors', kind: 'bigint' },
  { name: 'measured', property: 'measured', kind: 'bigint', nullable: true },
  { name: 'refused', property: 'refused', kind: 'bigint', nullable: true },
  { name: 'aborted', property: 'aborted', kind: 'bigint', nullable: true },
  { name: 'duration_us', property: 'duration', kind: 'bigint' },
  { name: 'latency', property: 'latency', kind: 'text' },
] as const satisfies readonly Column[];

const SUM = ['dimension', 'period', 'date', 'name'].join(', ');
const MEASURES = ['hits', 'transfer', 'errors', 'refused', 'aborted'] as const;
/** Those that version 0.1.0 does not count. */
const LATER_MEASURES: readonly string[] = ['refused', 'aborted'];
const PERCENTS = [50, 90, 95, 99] as const;

/** The differences between databases in reading the text that `encodeLatency()` writes. */
export interface LatencySyntax {
  /**
   * Joins the slots of a latency as `p`. A sum whose text has none or is of another version gets one
   * row of nulls.
   */
  readonly parts: (latency: string) => string;
  /** The number of a slot. */
  readonly slot: string;
  /** How many requests it counts. */
  readonly requests: string;
  /** The power of 1.04, as an 8-byte floating point number. */
  readonly power: (exponent: string) => string;
}

export const POSTGRES_LATENCY: LatencySyntax = {
  // "offset 0" has each part read once, not once for each use of its slot.
  parts: (latency) =>
    `left join lateral (select ${digit('1')} * 36 + ${digit('2')} as slot, case length(part) ` +
    `when 2 then 1 when 3 then ${digit('3')} when 4 then ${digit('3')} * 36 + ${digit('4')} ` +
    // Exact up to 2^53, which no count exceeds.
    `else (select sum(${digit('i')} * 36::float8 ^ (length(part) - i))::bigint ` +
    `from generate_series(3, length(part)) as i) end as requests ` +
    `from unnest(string_to_array(case when ${latency} like '1:_%' then ` +
    `substr(rtrim(${latency}, ','), 3) end, ',')) as q(part) offset 0) p on true`,
  slot: 'p.slot',
  requests: 'p.requests',
  power: (exponent) => `power(1.04::float8, (${exponent})::float8)`,
};

export const MYSQL_LATENCY: LatencySyntax = {
  parts: (latency) =>
    `left join json_table(case when ${latency} like '1:_%' then concat('["', ` +
    `replace(substr(trim(trailing ',' from ${latency}), 3), ',', '","'), '"]') else '[]' end, ` +
    `'$[*]' columns (part varchar(16) path '$')) p on true`,
  slot: `cast(conv(substr(p.part, 1, 2), 36, 10) as signed)`,
  requests:
    `case char_length(p.part) when 2 then 1 else ` +
    `cast(conv(substr(p.part, 3), 36, 10) as signed) end`,
  power: (exponent) => `pow(1.04e0, ${exponent})`,
};

/** A row for each slot of each sum: how many requests took about so many seconds. */
export function latenciesQuery(summaries: Table, syntax: LatencySyntax): string {
  return (
    `select ${SUM}, ${secondsOf(syntax)} as seconds, requests ` +
    `from (${slotsQuery(summaries, syntax)}) l where slot is not null`
  );
}

/** A row for each sum: its measures, and the percentiles of its latencies, by the nearest rank. */
export function percentilesQuery(summaries: Table, syntax: LatencySyntax): string {
  const percentiles = PERCENTS.map(
    (percent) =>
      `min(case when reached >= ceil(${percent} * total / 100) then seconds end) as p${percent}`,
  );
  const measures = [...MEASURES, 'duration'].map((each) => `max(${each}) as ${each}`);
  return (
    `select ${SUM}, ${[...measures, ...percentiles].join(', ')}, max(seconds) as slowest from ` +
    `(select l.*, ${secondsOf(syntax)} as seconds, ` +
    `sum(requests) over (partition by ${SUM} order by slot) as reached, ` +
    `sum(requests) over (partition by ${SUM}) as total ` +
    `from (${slotsQuery(summaries, syntax)}) l) w group by ${SUM}`
  );
}

function slotsQuery(table: Table, { parts, slot, requests }: LatencySyntax): string {
  const summaries = table.withColumns(COLUMNS);
  const column = (property: (typeof COLUMNS)[number]['property']) =>
    `s.${summaries.column(property)}`;
  const known = `${column('measured')} = ${column('hits')}`;
  const plain = (['dimension', 'period', 'date', ...MEASURES] as const).map((each) =>
    LATER_MEASURES.includes(each)
      ? `case when ${known} then ${column(each)} end as ${each}`
      : `${column(each)} as ${each}`,
  );
  return (
    `select ${plain.join(', ')}, coalesce(${column('longKey')}, ${column('key')}) as name, ` +
    `${column('duration')} / 1e6 as duration, ${slot} as slot, ${requests} as requests ` +
    `from ${summaries.path} s ${parts(column('latency'))}`
  );
}

/** The seconds that `latencyValue()` reports for a slot. */
function secondsOf({ power }: LatencySyntax): string {
  const low = `(floor(${power('slot - 2')}) + 1)`;
  const high = `floor(${power('slot - 1')})`;
  return `case when slot = 0 then 0 else 2e0 * ${low} * ${high} / (${low} + ${high}) / 1e6 end`;
}

/** The value of the digit in base 36 at a place of a part, on PostgreSQL. */
function digit(at: string): string {
  return `(strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(part, ${at}, 1)) - 1)`;
}
