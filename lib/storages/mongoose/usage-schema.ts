import { Schema } from 'mongoose';
import {
  RECORD_FIELDS,
  type RecordField,
  type UsageRecord,
  type UserAgentInfo,
} from '../../record/index.js';

const text = { type: String, required: true } as const;

const DEFINITIONS = {
  id: text,
  // Required texts of Mongoose must not be empty, but those of records may be.
  text: String,
  textOrNull: { type: String, default: null },
  choice: text,
  instant: { type: Date, required: true },
  number: { type: Number, required: true },
  flag: { type: Boolean, required: true },
  json: { type: Schema.Types.Mixed, default: null },
} as const;

type Definitions = typeof DEFINITIONS;
type Fields = Omit<UsageRecord, 'id'>;

// The definitions of fields, by their types.
type DefinitionOf<Value> = [Value] extends [boolean]
  ? Definitions['flag']
  : [Value] extends [number]
    ? Definitions['number']
    : [Value] extends [Date]
      ? Definitions['instant']
      : [Value] extends [string]
        ? Definitions[string extends Value ? 'text' : 'choice']
        : [Value] extends [string | null]
          ? Definitions['textOrNull']
          : [Value] extends [UserAgentInfo]
            ? { -readonly [Name in keyof UserAgentInfo]: DefinitionOf<UserAgentInfo[Name]> }
            : Definitions['json'];

/**
 * A record as `MongooseStorage` keeps it: `_id` is the record's `id`, and the fields are those of
 * the record. `viewArgs`, `urlArgs`, `ipInfo` and `trackVar` are objects or, where they hold names
 * that no document can have (`$where`, `a.b`), JSON text.
 *
 * To add fields of your own, `usageSchema.clone().add({ … })`; one with a value for every record
 * needs a default, which may be a function.
 *
 * @publicApi
 */
export const usageSchema = new Schema(
  {
    _id: text,
    website: { ...text, default: 'default' },
    ...definitions(),
    /** With `apacheLog` only. */
    apacheCombinedLog: String,
    /** The batch that counted the record, where summaries are kept. */
    batch: String,
  },
  {
    collection: 'usage_records',
    versionKey: false,
    // Empty objects are values, and what is read must be what was stored.
    minimize: false,
    // The storage makes the indexes that it needs.
    autoIndex: false,
  },
);

function definitions(): { -readonly [Name in keyof Fields]: DefinitionOf<Fields[Name]> } {
  const userAgent: Record<string, unknown> = {};
  const all: Record<string, unknown> = { userAgent };
  for (const field of RECORD_FIELDS) {
    const [name, part] = field.path.split('.') as [string, string?];
    if (part !== undefined) userAgent[part] = definitionOf(field);
    else if (field.kind !== 'id') all[name] = definitionOf(field);
  }
  return all as ReturnType<typeof definitions>;
}

function definitionOf({ kind, nullable }: RecordField): unknown {
  switch (kind) {
    case 'text':
      return nullable ? DEFINITIONS.textOrNull : DEFINITIONS.text;
    case 'microseconds':
    case 'integer':
    case 'bigInteger':
    case 'real':
      return DEFINITIONS.number;
    default:
      return DEFINITIONS[kind];
  }
}
