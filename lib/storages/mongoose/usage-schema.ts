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
  // Mongoose rejects empty text in required fields, but a record's text may be empty.
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

// The definition of a field, by the type of its value.
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
 * The schema of a record as `MongooseStorage` stores it: `_id` is the record's `id`, and the other
 * fields have the record's names. `viewArgs`, `urlArgs`, `ipInfo` and `trackVar` are objects, or
 * JSON text if they hold names that no document can have (`$where`, `a.b`).
 *
 * To add fields of your own, use `usageSchema.clone().add({ … })`. A field that needs a value in
 * every record needs a default, which may be a function.
 *
 * @example
 * const schema = usageSchema.clone().add({ region: { type: String, default: 'eu' } });
 *
 * @publicApi
 */
export const usageSchema = new Schema(
  {
    _id: text,
    website: { ...text, default: 'default' },
    ...definitions(),
    /** Set only with `apacheLog`. */
    apacheCombinedLog: String,
    /** The batch that counted the record, where summaries are kept. */
    batch: String,
  },
  {
    collection: 'usage_records',
    versionKey: false,
    // Empty objects are values: a read must return what was stored.
    minimize: false,
    // The storage creates the indexes that it needs.
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

/**
 * Name of the model, for `@InjectModel(USAGE_MODEL)`.
 *
 * @publicApi
 */
export const USAGE_MODEL = 'UsageRecord';

/**
 * The model's definition, for `MongooseModule.forFeature([usageModel])`.
 *
 * @example
 * MongooseModule.forFeature([usageModel]);
 *
 * @publicApi
 */
export const usageModel = { name: USAGE_MODEL, schema: usageSchema };
