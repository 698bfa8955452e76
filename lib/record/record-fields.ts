import type { JsonObject } from './json.js';
import type { IpInfo, RequestArgs, UsageRecord } from './usage-record.js';

/** The path of a record's field, such as `url` or `userAgent.browser`. */
export type RecordPath =
  Exclude<keyof UsageRecord, 'userAgent'> | `userAgent.${keyof UsageRecord['userAgent']}`;

/** Properties that every field has, whatever its kind. */
interface FieldTraits {
  /** Whether the field may be null. It is null in stored records that are older than the field. */
  readonly nullable: boolean;
  /** The storage format that introduced the field; 1 is that of version 0.1.0. */
  readonly since: 1 | 2;
}

interface TextField {
  readonly kind: 'text';
  readonly maxLength: number;
  /** Whether clients choose the length, so that the estimate of a record's size includes it. */
  readonly isClientText?: true;
}

interface ChoiceField<Value> {
  readonly kind: 'choice';
  readonly choices: readonly Value[];
  /** Replaces a value that is not one of the choices. */
  readonly otherwise: Value;
}

/**
 * `microseconds`: seconds, rounded to the microsecond. `integer`: a whole number of 32 bits.
 * `bigInteger`: a whole number of 53 bits. `real`: any number.
 */
interface NumberField {
  readonly kind: 'microseconds' | 'integer' | 'bigInteger' | 'real';
}

interface JsonField<Shape> {
  readonly kind: 'json';
  readonly shape: Shape;
}

// The kinds that a field of a type can have. Tuples keep unions such as `boolean` together.
type KindOf<Value> = [Value] extends [boolean]
  ? { readonly kind: 'flag' }
  : [Value] extends [number]
    ? NumberField
    : [Value] extends [Date]
      ? { readonly kind: 'instant' }
      : [Value] extends [string]
        ? string extends Value
          ? TextField | { readonly kind: 'id' }
          : ChoiceField<Value>
        : [Value] extends [IpInfo]
          ? JsonField<'geography'>
          : [Value] extends [RequestArgs]
            ? JsonField<'args'>
            : [Value] extends [JsonObject]
              ? JsonField<'object'>
              : never;

/** The type of the value at a path. */
export type ValueAt<Path extends RecordPath> = Path extends keyof UsageRecord
  ? UsageRecord[Path]
  : Path extends `userAgent.${infer Name extends keyof UsageRecord['userAgent']}`
    ? UsageRecord['userAgent'][Name]
    : never;

type FieldOf<Value> = KindOf<NonNullable<Value>> &
  Partial<FieldTraits> & {
    readonly [nullable in 'nullable' as null extends Value ? nullable : never]: true;
  } & { readonly [nullable in 'nullable' as null extends Value ? never : nullable]?: false };

/** Maximum length of a stored URL or path, in characters. */
export const MAX_URL_LENGTH = 2048;
/** Characters of a `User-Agent` header that are read and stored. */
export const MAX_USER_AGENT_LENGTH = 512;
/** Maximum length of a consumer's id, in characters. */
export const MAX_CONSUMER_LENGTH = 128;
/** Maximum length of any other stored string, in characters. */
export const MAX_TEXT_LENGTH = 1024;

const TEXT = { kind: 'text', maxLength: MAX_TEXT_LENGTH } as const;
const TEXT_OR_NULL = { ...TEXT, nullable: true } as const;
const ADDED_TEXT = { ...TEXT_OR_NULL, since: 2 } as const;

/**
 * The table of a record's fields. Storages derive from it what they write and read, `anonymize`
 * what it checks. Add a new field at the end: tables have their columns in this order.
 */
const FIELDS = {
  id: { kind: 'id' },
  date: { kind: 'instant' },
  url: { kind: 'text', maxLength: MAX_URL_LENGTH, isClientText: true },
  path: { kind: 'text', maxLength: MAX_URL_LENGTH, isClientText: true },
  method: { ...TEXT },
  protocol: TEXT,
  route: { ...TEXT_OR_NULL },
  blueprint: { ...TEXT_OR_NULL },
  handler: { ...TEXT_OR_NULL },
  viewArgs: { kind: 'json', shape: 'args', nullable: true },
  urlArgs: { kind: 'json', shape: 'args' },
  status: { kind: 'integer' },
  outcome: {
    kind: 'choice',
    choices: ['completed', 'aborted'],
    otherwise: 'completed',
  },
  speed: { kind: 'microseconds' },
  contentLength: { kind: 'bigInteger' },
  remoteAddr: { ...TEXT_OR_NULL },
  xForwardedFor: { ...TEXT_OR_NULL, isClientText: true },
  referrer: { ...TEXT_OR_NULL, isClientText: true },
  authorization: { kind: 'flag' },
  username: { ...TEXT_OR_NULL },
  'userAgent.browser': TEXT_OR_NULL,
  'userAgent.version': TEXT_OR_NULL,
  'userAgent.platform': TEXT_OR_NULL,
  'userAgent.language': TEXT_OR_NULL,
  'userAgent.string': { ...TEXT_OR_NULL, maxLength: MAX_USER_AGENT_LENGTH, isClientText: true },
  'userAgent.kind': {
    kind: 'choice',
    choices: ['browser', 'library', 'service', 'bot', 'unknown'],
    otherwise: 'unknown',
  },
  ipInfo: { kind: 'json', shape: 'geography', nullable: true },
  visitorId: { ...TEXT_OR_NULL },
  serverName: TEXT,
  trackVar: { kind: 'json', shape: 'object', nullable: true },
  weight: { kind: 'real' },
  consumer: { ...ADDED_TEXT, maxLength: MAX_CONSUMER_LENGTH },
  consumerGroup: ADDED_TEXT,
  service: ADDED_TEXT,
  release: ADDED_TEXT,
  apiVersion: ADDED_TEXT,
  traceId: { ...ADDED_TEXT, maxLength: 32 },
} as const satisfies { readonly [Path in RecordPath]: FieldOf<ValueAt<Path>> };

type Fields = typeof FIELDS;

/** The fields that hold one value, by which records can be filtered. */
export type FilterableField = {
  [Path in keyof Fields]: Fields[Path] extends { readonly kind: 'json' } ? never : Path;
}[keyof Fields];

/** A field of the record with its path, its kind and its properties. */
export type RecordField = FieldTraits & { readonly path: RecordPath } & (
    | { readonly kind: 'id' | 'instant' | 'flag' }
    | Required<TextField>
    | ChoiceField<string>
    | NumberField
    | JsonField<'args' | 'geography' | 'object'>
  );

const DEFAULTS = { nullable: false, isClientText: false, since: 1 } as const;

/** The fields of a record, in the order of the table's columns. */
export const RECORD_FIELDS = Object.entries(FIELDS).map(
  ([path, field]) => ({ path, ...DEFAULTS, ...field }) as RecordField,
);

/** The fields by path. */
export const FIELD_BY_PATH: ReadonlyMap<string, RecordField> = new Map(
  RECORD_FIELDS.map((field) => [field.path, field]),
);

/** A function that reads a field of records; null if a record lacks it. */
export function fieldReader(path: RecordPath): (record: UsageRecord) => unknown {
  if (path.startsWith('userAgent.')) {
    const name = path.slice('userAgent.'.length) as keyof UsageRecord['userAgent'];
    return (record) => record.userAgent[name] ?? null;
  }
  return (record) => record[path as keyof UsageRecord] ?? null;
}
