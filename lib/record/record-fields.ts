import type { IpInfo } from './ip-info.js';
import type { JsonObject } from './json.js';
import type { RequestArgs } from './request-args.js';
import type { UsageRecord } from './usage-record.js';

/** Path of a field, such as `url` or `userAgent.browser`. */
export type RecordPath =
  Exclude<keyof UsageRecord, 'userAgent'> | `userAgent.${keyof UsageRecord['userAgent']}`;

/** What a field is, whatever it holds. */
interface FieldTraits {
  /** Whether records may lack it. A stored record that is older than the field lacks it. */
  readonly nullable: boolean;
  /** Whether `where` takes it. */
  readonly filterable: boolean;
  /** The storage format that it came with: 1 is version 0.1.0. */
  readonly since: 1 | 2;
}

interface TextField {
  readonly kind: 'text';
  readonly maxLength: number;
  /** Whether clients choose how long it is, so that estimates of a record's size count it. */
  readonly isClientText?: true;
}

interface ChoiceField<Value> {
  readonly kind: 'choice';
  readonly choices: readonly Value[];
  /** What a value that is none of them becomes. */
  readonly otherwise: Value;
}

/** Seconds to the microsecond; whole numbers of 32 and of 53 bits; any number. */
interface NumberField {
  readonly kind: 'microseconds' | 'integer' | 'bigInteger' | 'real';
}

interface JsonField<Shape> {
  readonly kind: 'json';
  readonly shape: Shape;
}

// What a field of a type can be. Tuples keep unions such as `boolean` together.
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

type ValueAt<Path extends RecordPath> = Path extends keyof UsageRecord
  ? UsageRecord[Path]
  : Path extends `userAgent.${infer Name extends keyof UsageRecord['userAgent']}`
    ? UsageRecord['userAgent'][Name]
    : never;

type FieldOf<Value> = KindOf<NonNullable<Value>> &
  Partial<FieldTraits> & {
    readonly [nullable in 'nullable' as null extends Value ? nullable : never]: true;
  } & { readonly [nullable in 'nullable' as null extends Value ? never : nullable]?: false };

/** Characters of a URL or a path that are kept. */
export const MAX_URL_LENGTH = 2048;
/** Characters of a `User-Agent` header that are read and kept. */
export const MAX_USER_AGENT_LENGTH = 512;
/** Characters of any other string that are kept. */
export const MAX_TEXT_LENGTH = 1024;

const TEXT = { kind: 'text', maxLength: MAX_TEXT_LENGTH } as const;
const TEXT_OR_NULL = { ...TEXT, nullable: true } as const;
const ADDED_TEXT = { ...TEXT_OR_NULL, since: 2 } as const;

/**
 * Every field of a record, once. What storages write and read, and what is checked, follows from
 * here. A field that is added comes last: tables get their columns in this order.
 */
const FIELDS = {
  id: { kind: 'id' },
  date: { kind: 'instant' },
  url: { kind: 'text', maxLength: MAX_URL_LENGTH, isClientText: true },
  path: { kind: 'text', maxLength: MAX_URL_LENGTH, isClientText: true },
  method: { ...TEXT, filterable: true },
  protocol: TEXT,
  route: { ...TEXT_OR_NULL, filterable: true },
  blueprint: { ...TEXT_OR_NULL, filterable: true },
  handler: { ...TEXT_OR_NULL, filterable: true },
  viewArgs: { kind: 'json', shape: 'args', nullable: true },
  urlArgs: { kind: 'json', shape: 'args' },
  status: { kind: 'integer', filterable: true },
  outcome: {
    kind: 'choice',
    choices: ['completed', 'aborted'],
    otherwise: 'completed',
    filterable: true,
  },
  speed: { kind: 'microseconds' },
  contentLength: { kind: 'bigInteger' },
  remoteAddr: { ...TEXT_OR_NULL, filterable: true },
  xForwardedFor: { ...TEXT_OR_NULL, isClientText: true },
  referrer: { ...TEXT_OR_NULL, isClientText: true },
  authorization: { kind: 'flag' },
  username: { ...TEXT_OR_NULL, filterable: true },
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
  visitorId: { ...TEXT_OR_NULL, filterable: true },
  serverName: TEXT,
  trackVar: { kind: 'json', shape: 'object', nullable: true },
  weight: { kind: 'real' },
  consumer: { ...ADDED_TEXT, maxLength: 128 },
  consumerGroup: ADDED_TEXT,
  service: ADDED_TEXT,
  release: ADDED_TEXT,
  apiVersion: ADDED_TEXT,
  traceId: { ...ADDED_TEXT, maxLength: 32 },
} as const satisfies { readonly [Path in RecordPath]: FieldOf<ValueAt<Path>> };

type Fields = typeof FIELDS;

/** The fields that `where` takes. */
export type FilterableField = {
  [Path in keyof Fields]: Fields[Path] extends { readonly filterable: true } ? Path : never;
}[keyof Fields];

/** A field of the record, with what is true of it. */
export type RecordField = FieldTraits & { readonly path: RecordPath } & (
    | { readonly kind: 'id' | 'instant' | 'flag' }
    | Required<TextField>
    | ChoiceField<string>
    | NumberField
    | JsonField<'args' | 'geography' | 'object'>
  );

const DEFAULTS = { nullable: false, filterable: false, isClientText: false, since: 1 } as const;

/** The fields of a record, in the order of the table's columns. */
export const RECORD_FIELDS = Object.entries(FIELDS).map(
  ([path, field]) => ({ path, ...DEFAULTS, ...field }) as RecordField,
);
