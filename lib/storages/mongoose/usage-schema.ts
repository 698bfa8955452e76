import { Schema } from 'mongoose';

const text = { type: String, required: true } as const;
const textOrNull = { type: String, default: null } as const;
const json = { type: Schema.Types.Mixed, default: null } as const;

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
    date: { type: Date, required: true },
    url: String,
    path: String,
    method: String,
    protocol: String,
    route: textOrNull,
    blueprint: textOrNull,
    handler: textOrNull,
    viewArgs: json,
    urlArgs: json,
    status: { type: Number, required: true },
    outcome: text,
    speed: { type: Number, required: true },
    contentLength: { type: Number, required: true },
    remoteAddr: textOrNull,
    xForwardedFor: textOrNull,
    referrer: textOrNull,
    authorization: { type: Boolean, required: true },
    username: textOrNull,
    userAgent: {
      browser: textOrNull,
      version: textOrNull,
      platform: textOrNull,
      language: textOrNull,
      string: textOrNull,
      kind: text,
    },
    ipInfo: json,
    visitorId: textOrNull,
    serverName: String,
    trackVar: json,
    weight: { type: Number, required: true },
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
