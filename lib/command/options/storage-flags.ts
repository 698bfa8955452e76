import type { FlagTable } from '../command.js';

/** The flags that name a storage. */
export const STORAGE_FLAGS = {
  storage: {
    type: 'string',
    value: 'ADDRESS',
    help: 'track-usage.sqlite, postgres://…, mysql://…, mongodb://…, redis://…, http://…/database of CouchDB, clickhouse://…; else TRACK_USAGE_STORAGE',
  },
  'record-table': { type: 'string', value: 'NAME', help: 'The table of records, in SQL' },
  'summary-table': { type: 'string', value: 'NAME', help: 'The table of sums, in SQL' },
  schema: { type: 'string', value: 'NAME', help: 'The schema of the tables, in SQL' },
  collection: { type: 'string', value: 'NAME', help: 'The collection of records, in MongoDB' },
  'summary-collection': {
    type: 'string',
    value: 'NAME',
    help: 'The collection of sums, in MongoDB',
  },
  website: {
    type: 'string',
    value: 'NAME',
    help: 'The site, in a collection of MongooseStorage',
  },
  'key-prefix': { type: 'string', value: 'PREFIX', help: 'The prefix of the keys, in Redis' },
  'time-zone': {
    type: 'string',
    value: 'ZONE',
    help: 'The time zone of the sums; default: the one that the storage remembers',
  },
  options: {
    type: 'string',
    value: 'FILE',
    help: 'A module whose default export is what forRoot() gets: summaries and settings of your own',
  },
} as const satisfies FlagTable;
