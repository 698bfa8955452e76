import {
  RECORD_FIELDS,
  type RecordField,
  type UsageRecord,
  type UserAgentInfo,
} from '../../record/index.js';
import { makeRecord } from '../make-record.js';

// Text beyond the Basic Multilingual Plane, combining, right to left, or like markup or SQL.
const TEXTS = [
  '🦄👩‍👩‍👧‍👦 \u{10ffff}\u{1f600}',
  'e\u0301 \u202eabc\u202c مرحبا',
  '\u0001\u001f\u007f\u0085\u2028\ufeff\uffff\ud7ff\ue000',
  `'; drop table usage_records; -- " \` \\ %_ ?`,
  '<script>&amp;\r\n\t',
  '\\u0000 \\n {} null $1 :name ?',
  ' leading and trailing ',
  '',
];

const ODD_NAMES = JSON.parse(
  '{"__proto__":"a","$where":"1","a.b":"c","_id":"d","constructor":"e","b[c]":"f","":"g",' +
    '"toString":"h","$set":"i","é🦄":"j","a b":"k","0":"l","length":"m"}',
) as Record<string, string>;

/** Records with values that databases and drivers are known to change. */
export function unusualRecords(): UsageRecord[] {
  return [
    makeRecord(),
    fullRecord(),
    bareRecord(),
    ...TEXTS.map(textRecord),
    makeRecord({
      route: null,
      blueprint: null,
      handler: null,
      viewArgs: null,
      urlArgs: {},
      remoteAddr: null,
      userAgent: {
        browser: null,
        version: null,
        platform: null,
        language: null,
        string: null,
        kind: 'unknown',
      },
    }),
    makeRecord({ viewArgs: {}, trackVar: {} }),
    makeRecord({ viewArgs: ODD_NAMES, urlArgs: ODD_NAMES, trackVar: ODD_NAMES }),
    makeRecord({
      urlArgs: { q: ['a', '', 'a', '🦄'], one: ['1'], none: [], text: 'null' },
      trackVar: {
        numbers: [0, -1, 1.5, 1e21, 5e-324, 1.7976931348623157e308, 9007199254740991, 0.1],
        flags: [true, false, null],
        nested: { deep: [{ a: [[]] }, {}], '__proto__.x': 1 },
        text: '{"not":"parsed"}',
      },
    }),
    ...[0, 1, 999, -1, 253_402_300_799_999, 1_790_000_000_123].map((instant) =>
      makeRecord({ date: new Date(instant) }),
    ),
    // Around the clock changes in Europe: 2026-03-29 and 2026-10-25 at 01:00 UTC.
    ...['2026-03-29T01:30:00.001Z', '2026-10-25T00:30:00.999Z', '2026-10-25T01:30:00.999Z'].map(
      (text) => makeRecord({ date: new Date(text) }),
    ),
    ...[0, 0.000001, 0.1, 0.123457, 1.000001, 59.999999, 86_400.000001, 1e7].map((speed) =>
      makeRecord({ speed }),
    ),
    makeRecord({ contentLength: 0, status: 499, outcome: 'aborted', weight: 1 / 0.3 }),
    makeRecord({ contentLength: 9_007_199_254_740_991, status: 599 }),
    makeRecord({ contentLength: 1_000_000, weight: 1e6 }),
    makeRecord({ authorization: true, username: 'Ünïcode', visitorId: 'v-1' }),
    makeRecord({
      ipInfo: {
        country: 'CH',
        region: null,
        city: 'Zürich',
        latitude: 47.3769,
        longitude: -8.5417e-5,
        raw: { a: [1, { b: null }], 'c.d': '$e' },
      },
    }),
    makeRecord({
      url: `http://shop.example/${'🦄'.repeat(1014)}`,
      path: `/${'ä'.repeat(2047)}`,
      referrer: 'r'.repeat(1024),
      xForwardedFor: '2001:db8::1, '.repeat(78),
      trackVar: { long: 'x'.repeat(70_000) },
    }),
  ];
}

/** A record in which every text is the given one. */
function textRecord(text: string): UsageRecord {
  return withFields(
    makeRecord({
      viewArgs: { [text]: text },
      urlArgs: { [text]: [text, text] },
      trackVar: { [text]: { [text]: text } },
    }),
    ({ kind }) => (kind === 'text' ? text : undefined),
  );
}

/** A record in which every field has its own value, so that swapped fields are found. */
function fullRecord(): UsageRecord {
  return withFields(
    makeRecord({
      status: 418,
      contentLength: 77,
      authorization: true,
      weight: 3,
      ipInfo: {
        country: 'NZ',
        region: 'Otago',
        city: 'Dunedin',
        latitude: -45.8788,
        longitude: 170.5028,
        raw: ['as sent'],
      },
      trackVar: { plan: 'pro' },
    }),
    (field) => {
      if (field.kind === 'text') return `the ${field.path}`;
      return field.kind === 'choice' ? field.choices.at(-1) : undefined;
    },
  );
}

/** A record in which every nullable field is null. */
function bareRecord(): UsageRecord {
  return withFields(fullRecord(), ({ nullable }) => (nullable ? null : undefined));
}

/** @param valueOf Returns the new value of a field, or undefined to leave it unchanged. */
function withFields(record: UsageRecord, valueOf: (field: RecordField) => unknown): UsageRecord {
  const fields: Record<string, unknown> = { ...record };
  const userAgent: Record<string, unknown> = { ...record.userAgent };
  for (const field of RECORD_FIELDS) {
    const value = valueOf(field);
    const [name, part] = field.path.split('.') as [string, string?];
    if (value === undefined) continue;
    if (part === undefined) fields[name] = value;
    else userAgent[part] = value;
  }
  return {
    ...(fields as unknown as UsageRecord),
    userAgent: userAgent as unknown as UserAgentInfo,
  };
}
